"""Regions, organizations and places.

Trees keep a fixed-width path (four characters a level), so that everything under a node is one range of an
index: ``path >= node.path`` and ``path < node.path + "~"``.
"""

from datetime import date

from django.db import models

from lianxin.kernel.text import Text

PATH_WIDTH = 4
PATH_MAX = 64
CHILDREN_MAX = 36**PATH_WIDTH
INDUSTRY_MAX = 4


class PathField(models.CharField[str, str]):
    """A tree path, compared byte by byte whatever the database's language."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("max_length", PATH_MAX)
        kwargs.setdefault("db_collation", "C")
        super().__init__(**kwargs)  # type: ignore[arg-type]


class Region(models.Model):
    """An administrative division with its code in the shape of GB/T 2260, and the years it was in force.

    A retired code stays valid on old papers; ``successor`` says what became of the place. ``former_names`` are
    pairs of a name and the last day it was in use, oldest first; ``valid_to`` is the last day in force.
    """

    class Level(models.IntegerChoices):
        """How far down the division stands."""

        PROVINCE = 1, Text("省级", "province")
        PREFECTURE = 2, Text("地级", "prefecture")
        COUNTY = 3, Text("县级", "county")

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(choices=Level)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    former_names = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name

    def name_on(self, day: date) -> str:
        """What the place with this code was called on a day."""
        return next((name for name, last in self.former_names if day.isoformat() <= last), self.name)


class Organization(models.Model):
    """A body in the tree: a union at any level, an office, an enterprise.

    ``jurisdiction_path`` is the path of the subtree on which the body acts: its own, or that of the federation
    at whose side it stands (a safety committee office covers the territory of its city).
    """

    class Kind(models.TextChoices):
        """What sort of body it is."""

        FEDERATION = "federation", Text("总工会", "federation")
        INDUSTRY = "industry", Text("产业工会", "industry union")
        JOINT = "joint", Text("联合工会", "joint union")
        ENTERPRISE_UNION = "enterprise_union", Text("企业工会", "enterprise union")
        SAFETY_OFFICE = "safety_office", Text("安委办", "safety committee office")
        AUTHORITY = "authority", Text("主管部门", "authority")
        ENTERPRISE = "enterprise", Text("企业", "enterprise")
        PARTNER = "partner", Text("合作系统", "partner system")

    class Level(models.IntegerChoices):
        """Levels of the union tree, from the nation down."""

        NATION = 0, Text("全国", "national")
        PROVINCE = 1, Text("省级", "provincial")
        CITY = 2, Text("市级", "city")
        COUNTY = 3, Text("县区级", "county")
        TOWN = 4, Text("乡镇街道", "township or street")
        COMMUNITY = 5, Text("村社区", "village or community")
        ENTERPRISE = 6, Text("企业", "enterprise")

    kind = models.CharField(max_length=20, choices=Kind)
    level = models.PositiveSmallIntegerField(choices=Level)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    code = models.CharField(max_length=18, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = PathField(unique=True)
    jurisdiction_path = PathField(db_index=True)
    next_child = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="orgs_one_organization_per_code"
            ),
            models.CheckConstraint(
                condition=models.Q(next_child__lte=CHILDREN_MAX), name="orgs_children_fit_the_path"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["enterprise", "enterprise_union"]) | models.Q(level=6),
                name="orgs_enterprises_stand_lowest",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None, active=True)
                | models.Q(valid_to__isnull=False, active=False),
                name="orgs_dissolved_on_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="orgs_dissolved_after_founding",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language, the Chinese one where no English is known."""
        return str(Text(self.name, self.name_en or self.name))


class Superior(models.Model):
    """A second superior beside the tree: an industry union, or the one that funding follows."""

    class Line(models.TextChoices):
        """Which line the superior stands in."""

        INDUSTRY = "industry", Text("产业", "industry")
        FUNDING = "funding", Text("经费", "funding")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="superiors")
    superior = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="seconded")
    line = models.CharField(max_length=10, choices=Line)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "line"], name="orgs_one_superior_per_line"),
            models.CheckConstraint(
                condition=~models.Q(organization=models.F("superior")), name="orgs_not_its_own_superior"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} under {self.superior_id}"


class Enterprise(models.Model):
    """What is known of an employer beyond its place in the tree."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="enterprise")
    industry = models.CharField(max_length=INDUSTRY_MAX, blank=True)
    headcount = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.organization)


class Site(models.Model):
    """A place under an enterprise: a plant, an area in it, or, as a leaf, a piece of equipment.

    ``token`` is what the QR code on it holds; it opens the report form filled with this place.
    """

    class Kind(models.TextChoices):
        """What stands there."""

        SITE = "site", Text("厂区", "site")
        AREA = "area", Text("区域", "area")
        EQUIPMENT = "equipment", Text("设备", "equipment")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="sites")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = PathField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    equipment_kind = models.CharField(max_length=40, blank=True)
    process = models.CharField(max_length=40, blank=True)
    token = models.CharField(max_length=24, unique=True)
    next_child = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="equipment") | models.Q(equipment_kind=""),
                name="orgs_only_equipment_has_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(next_child__lte=CHILDREN_MAX), name="orgs_site_children_fit_the_path"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language, the Chinese one where no English is known."""
        return str(Text(self.name, self.name_en or self.name))
