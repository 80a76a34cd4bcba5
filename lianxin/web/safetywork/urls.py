"""Addresses of the safety line's pages."""

from django.urls import path

from lianxin.web.casework import acting
from lianxin.web.safetywork import (
    grading,
    merging,
    procedures,
    reprisals,  # noqa: F401 - registers its panel
    rewards,
    sweeps,
)

app_name = "safety"
urlpatterns = [
    path("report/", acting.submit, {"kind": "hazard"}, name="report"),
    path("suggest/", acting.submit, {"kind": "suggestion"}, name="suggest"),
    path("compare/<str:number>/", merging.merge, name="merge"),
    path("grade/<str:number>/", grading.grade, name="grade"),
    path("grade/<str:number>/risk/<int:position>/", grading.risk, name="risk"),
    path("sweeps/", sweeps.sweeps, name="sweeps"),
    path("sweeps/new/", sweeps.order, name="order_sweep"),
    path("sweeps/<str:number>/", sweeps.board, name="sweep"),
    path("sweeps/<str:number>/export/", sweeps.export, name="sweep_export"),
    path("procedures/", procedures.procedures, name="procedures"),
    path("procedures/new/", procedures.publish, name="publish_procedure"),
    path("procedures/<int:pk>/", procedures.procedure, name="procedure"),
    path("procedures/<int:pk>/new/", procedures.publish, name="publish_version"),
    path("procedures/<int:pk>/<int:version>/read/", procedures.read, name="read_procedure"),
    path("procedures/<int:pk>/<int:version>/print/", procedures.board, name="procedure_board"),
    path("award/<str:number>/", rewards.propose, name="propose_award"),
    path("award/<str:number>/claim/", rewards.claim, name="claim_award"),
    path("award/<str:number>/received/", rewards.received, name="award_received"),
]
