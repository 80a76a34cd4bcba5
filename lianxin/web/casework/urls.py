"""Addresses of the case pages."""

from django.urls import path

from lianxin.web.casework import acting, places, reading, receipts, sent

app_name = "cases"
urlpatterns = [
    path("queue/", reading.queue, name="queue"),
    path("mine/", reading.mine, name="mine"),
    path("receipt/", receipts.receipt, name="receipt"),
    path("sent/", sent.sent, name="sent"),
    path("places/search/", places.search, name="places"),
    path("new/<slug:kind>/", acting.submit, name="submit"),
    path("case/<str:number>/", reading.case, name="case"),
    path("case/<str:number>/files/<int:pk>/", reading.file, name="file"),
    path("case/<str:number>/<slug:name>/", acting.step, name="step"),
]
