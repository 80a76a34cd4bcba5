"""Funds, their accounts, and entries of balanced postings, all in fen.

The database keeps the promises (see the second migration): a posting moves the balance of its account, nothing
else does; an entry balances at commit; entries and postings are never changed; no guarded account and no hold
falls below nothing.
"""

from django.db import models

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization, PathField
from lianxin.kernel.people.models import Person
from lianxin.kernel.text import Text


class Fund(models.Model):
    """Money set aside by one body and controlled by two: the owner holds the first key, the partner the second.

    ``scheme`` names the only scheme that the money is for, by a code of the app that pays from it; empty for any.
    """

    class Status(models.TextChoices):
        """Whether entries can be made."""

        OPEN = "open", Text("在用", "open")
        CLOSED = "closed", Text("已结清", "closed")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="funds")
    organization_path = PathField(db_index=True)
    partner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="partnered_funds")
    partner_path = PathField(db_index=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    year = models.PositiveSmallIntegerField()
    scheme = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name", "year"], name="ledger_one_fund_per_name_and_year"
            ),
            models.CheckConstraint(
                condition=~models.Q(organization=models.F("partner")), name="ledger_fund_has_two_bodies"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language, the Chinese one where no English is known."""
        return str(Text(self.name, self.name_en or self.name))


class Coverage(models.Model):
    """A body whose cases a fund pays for, with everything in its jurisdiction; ended, never deleted."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="coverages")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    organization_path = PathField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "organization"],
                condition=models.Q(ended_at=None),
                name="ledger_a_body_is_covered_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.fund_id} covers {self.organization_id}"


class BudgetLine(models.Model):
    """A purpose within a fund; ``amount`` is what was planned for it, in fen. Money arrives by ``allocate``."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="lines")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fund", "code"], name="ledger_one_line_per_code"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="ledger_plan_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language, the Chinese one where no English is known."""
        return str(Text(self.name, self.name_en or self.name))


class Account(models.Model):
    """A place where a fund's money stands; without a ``line``, the part not yet allocated."""

    class Kind(models.TextChoices):
        """Where the money is in its life. ``SOURCE`` is the outside world and alone may be below nothing."""

        SOURCE = "source", Text("来源", "source")
        AVAILABLE = "available", Text("可用", "available")
        RESERVED = "reserved", Text("预留", "reserved")
        PAID = "paid", Text("已付", "paid")
        RETURNED = "returned", Text("退回", "returned")

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "line", "kind"], name="ledger_one_account_per_kind", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(balance__gte=0) | models.Q(kind="source"), name="ledger_no_overdraft"
            ),
            models.CheckConstraint(
                condition=models.Q(line=None) | ~models.Q(kind__in=["source", "returned"]),
                name="ledger_money_enters_and_leaves_by_the_fund",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.fund_id}/{self.line_id or '-'}"


class Entry(models.Model):
    """One act of money, balanced and never changed; a mistake is mirrored by a reversal.

    ``size`` is the number of its postings, so that none can be added afterwards. ``memo`` is a code, never a
    sentence: no name can slip into the ledger.
    """

    class Kind(models.TextChoices):
        """What was done."""

        FUND_IN = "fund_in", Text("入账", "money in")
        ALLOCATE = "allocate", Text("分配", "allocate")
        TRANSFER = "transfer", Text("调剂", "transfer")
        RESERVE = "reserve", Text("预留", "reserve")
        RELEASE = "release", Text("解除预留", "release of reserve")
        PAY = "pay", Text("支付", "pay")
        GIVE_BACK = "give_back", Text("退回", "give back")
        REVERSAL = "reversal", Text("冲正", "reversal")

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind)
    memo = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=120, unique=True)
    size = models.PositiveSmallIntegerField()
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    log = models.OneToOneField(LogEntry, on_delete=models.PROTECT, related_name="ledger_entry")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=2), name="ledger_an_entry_has_two_sides"),
            models.CheckConstraint(
                condition=models.Q(kind="reversal", reverses__isnull=False)
                | (~models.Q(kind="reversal") & models.Q(reverses=None)),
                name="ledger_a_reversal_names_its_entry",
            ),
            models.CheckConstraint(
                condition=models.Q(case__isnull=False) | ~models.Q(kind__in=["reserve", "release", "pay"]),
                name="ledger_a_reserve_names_its_case",
            ),
        ]
        indexes = [models.Index(fields=["fund", "at", "id"], name="ledger_entries_of_fund")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Posting(models.Model):
    """One side of an entry, in fen: positive into the account, negative out of it."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="ledger_one_posting_per_account"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="ledger_a_posting_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} fen in {self.account_id}"


class Hold(models.Model):
    """What an account holds reserved for one case: nobody can pay or release another case's reserve."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "case"], name="ledger_one_hold_per_case"),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="ledger_no_overdrawn_hold"),
        ]

    def __str__(self) -> str:
        return f"{self.balance} fen for {self.case_id}"


class BankBatch(models.Model):
    """Payments handed to the bank in one file. ``file_hash`` is the SHA-256 of the file last made of it."""

    class Status(models.TextChoices):
        """How far the bank has come."""

        OUT = "out", Text("待回盘", "awaiting the result")
        BOOKED = "booked", Text("已入账", "booked")

    number = models.CharField(max_length=20, unique=True)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="batches")
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    total = models.BigIntegerField()
    count = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OUT)
    file_hash = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total__gt=0, count__gt=0), name="ledger_a_batch_holds_payments"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Payout(models.Model):
    """The facts of a payout case: what for, how much, from where, under which two keys, and how it went.

    ``award`` is the case that earned it, ``position`` the payee's place among its reporters and ``scheme`` by what it
    was earned, as a code of the app that proposes it: one case may earn by two schemes, and only one live payout can
    stand for each. ``person`` is null where the payee must stay unknown; ``payee_sealed`` opens for
    finance only. ``attempts`` counts the times it went to the bank.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="payout")
    award = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="payouts")
    position = models.PositiveSmallIntegerField(default=1)
    scheme = models.CharField(max_length=20, blank=True)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="payouts")
    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, null=True, blank=True, related_name="payouts"
    )
    amount = models.BigIntegerField()
    reason_code = models.CharField(max_length=40)
    verified_at = models.DateTimeField()
    live = models.BooleanField(default=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="payouts"
    )
    payee_sealed = models.BinaryField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_body = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    released_body = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    paid_entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="payout")
    bank_reference = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award", "position", "scheme"],
                condition=models.Q(live=True),
                name="ledger_one_payout_per_payee",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="ledger_a_payout_is_positive"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_body=None, approved_at=None)
                | models.Q(approved_by__isnull=False, approved_body__isnull=False, approved_at__isnull=False),
                name="ledger_first_key_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by=None, released_body=None, released_at=None)
                | models.Q(
                    released_by__isnull=False,
                    released_body__isnull=False,
                    released_at__isnull=False,
                    approved_at__isnull=False,
                ),
                name="ledger_second_key_follows_the_first",
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None)
                | (
                    ~models.Q(approved_by=models.F("released_by"))
                    & ~models.Q(approved_body=models.F("released_body"))
                ),
                name="ledger_two_keys_of_two_bodies",
            ),
            models.CheckConstraint(
                condition=models.Q(attempts=0)
                | models.Q(released_at__isnull=False, payee_sealed__isnull=False),
                name="ledger_sent_only_under_both_keys",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_at=None, paid_entry=None)
                | models.Q(paid_at__isnull=False, paid_entry__isnull=False, attempts__gt=0, live=True),
                name="ledger_paid_only_once_sent",
            ),
        ]
        indexes = [models.Index(fields=["fund", "paid_at"], name="ledger_payouts_paid")]

    def __str__(self) -> str:
        return f"payout {self.case_id}"


class BatchLine(models.Model):
    """One payment in a batch: an attempt to pay one payout, and what the bank said of it."""

    class Status(models.TextChoices):
        """What the bank said."""

        OUT = "out", Text("待回盘", "awaiting the result")
        PAID = "paid", Text("成功", "paid")
        FAILED = "failed", Text("失败", "failed")

    batch = models.ForeignKey(BankBatch, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="batch_lines")
    amount = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OUT)
    bank_reference = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="ledger_one_batch_line_per_number"),
            models.UniqueConstraint(fields=["batch", "payout"], name="ledger_a_payout_once_in_a_batch"),
            models.UniqueConstraint(
                fields=["payout"], condition=models.Q(status="out"), name="ledger_a_payout_in_one_open_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of {self.batch_id}"


class BankResult(models.Model):
    """A result file that has been booked: the same bytes a second time change nothing."""

    batch = models.ForeignKey(BankBatch, on_delete=models.PROTECT, related_name="results")
    file_hash = models.BinaryField(unique=True)
    booked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField()
    paid = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"result of {self.batch_id}"
