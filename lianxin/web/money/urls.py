"""Addresses of the money pages."""

from django.urls import path

from lianxin.web.money import banking, funds, payouts

app_name = "ledger"
urlpatterns = [
    path("", funds.funds, name="funds"),
    path("payouts/", payouts.payouts, name="payouts"),
    path("payouts/export/", payouts.export, name="payouts_export"),
    path("batches/", banking.batches, name="batches"),
    path("batches/<str:number>/", banking.batch, name="batch"),
    path("batches/<str:number>/file/", banking.file, name="batch_file"),
    path("batches/<str:number>/result/", banking.result, name="batch_result"),
    path("<int:pk>/", funds.fund, name="fund"),
    path("<int:pk>/coverage/", funds.start_covering, name="start_covering"),
    path("<int:pk>/coverage/<int:coverage>/end/", funds.end_covering, name="end_covering"),
    path("<int:pk>/entries/export/", funds.export, name="entries_export"),
    path("<int:pk>/batch/", banking.create, name="create_batch"),
    path("<int:pk>/beancount/", funds.beancount, name="beancount"),
]
