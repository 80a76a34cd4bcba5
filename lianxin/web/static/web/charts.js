// Draws each chart from the JSON beside it. Only pages with charts load this and ECharts.
(() => {
  "use strict";

  const LX_COLOURS = ["#b3132b", "#0b57a4", "#1b7a3a", "#b86a00", "#6a45b0", "#57606a"];

  function lxPie(data) {
    const [series] = data.series;
    return [{ type: "pie", radius: ["45%", "72%"], data: data.categories.map((name, place) => ({ name, value: series.values[place] })) }];
  }

  function lxLines(data) {
    return data.series.map((series) => ({
      type: data.kind,
      name: series.name,
      data: series.values,
      symbolSize: 6,
      barMaxWidth: 36,
    }));
  }

  function lxOption(data, size) {
    const text = { fontFamily: "inherit", fontSize: size, color: "#454c54" };
    const pie = data.kind === "pie";
    const axis = { axisLabel: { ...text }, axisLine: { lineStyle: { color: "#b8b2aa" } }, axisTick: { show: false } };
    return {
      animation: false,
      color: LX_COLOURS,
      textStyle: text,
      // Drawn on the canvas: a tooltip made of HTML would need inline style, which the page forbids.
      tooltip: { trigger: pie ? "item" : "axis", renderMode: "richText" },
      legend: data.series.length > 1 || pie ? { top: 0, textStyle: text } : undefined,
      grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
      xAxis: pie ? undefined : { type: "category", data: data.categories, ...axis },
      yAxis: pie ? undefined : { type: "value", ...axis, splitLine: { lineStyle: { color: "#ece8e3" } } },
      series: pie ? lxPie(data) : lxLines(data),
    };
  }

  function lxDraw(root) {
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875;
    for (const figure of root.querySelectorAll("[data-chart]:not([data-drawn])")) {
      figure.dataset.drawn = "1";
      const plot = figure.querySelector(".lx-plot");
      plot.classList.add("lx-plot-drawn");
      const drawing = echarts.init(plot);
      drawing.setOption(lxOption(JSON.parse(document.getElementById(figure.dataset.chart).textContent), size));
      new ResizeObserver(() => drawing.resize()).observe(plot);
    }
  }
  lxDraw(document);
  document.addEventListener("htmx:load", (event) => lxDraw(event.detail.elt));
})();
