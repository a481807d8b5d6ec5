"""All areas, bottom to top. The order is the order of dependency: an area imports only what stands above it in this list."""

from erpcrm.access.area import area as access
from erpcrm.analytics.area import area as analytics
from erpcrm.catalog.area import area as catalog
from erpcrm.company.area import area as company
from erpcrm.core.area import Area
from erpcrm.core.manifest import area as core
from erpcrm.credit.area import area as credit
from erpcrm.customers.area import area as customers
from erpcrm.finance.area import area as finance
from erpcrm.inventory.area import area as inventory
from erpcrm.marketing.area import area as marketing
from erpcrm.pipeline.area import area as pipeline
from erpcrm.sales.area import area as sales
from erpcrm.service.area import area as service

AREAS: tuple[Area, ...] = (
    core,
    access,
    company,
    catalog,
    customers,
    pipeline,
    sales,
    inventory,
    finance,
    credit,
    analytics,
    service,
    marketing,
)
