"""HubSpot contacts and Salesforce contacts and leads.

Stages and statuses are changeable in both, so they are read by nobody here; owners are names or numbers of the tool,
not addresses of colleagues, and are left out. Opportunities speak of companies and deals, which this house does not
keep; they are not read.
"""

from __future__ import annotations

from huoshui.data.connectors.tools.declarations import Tool
from huoshui.kernel.texts import Text

HUBSPOT = Tool(
    name="hubspot-contacts",
    label=Text("HubSpot contacts", "HubSpot 联系人"),
    kind="customers",
    signature=("Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage"),
    columns={
        "customer": "Record ID",
        "email": "Email",
        "phone": "Mobile Phone Number | Phone Number",
        "name": "First Name + Last Name",
        "created_at": "Create Date",
        "account": "Company Name | Associated Company",
        "country": "Country/Region",
        "province": "State/Region",
        "city": "City",
        "occupation": "Job Title",
        "owner": "",
        "tags": "",
    },
    source="hubspot",
    documented="labels of properties in public descriptions",
)

HUBSPOT_INTERNAL = Tool(
    name="hubspot-contacts-internal",
    label=Text("HubSpot contacts, internal names", "HubSpot 联系人（内部名称）"),
    kind="customers",
    signature=("firstname", "lastname", "email", "lifecyclestage", "createdate"),
    columns={
        "customer": "hs_object_id | vid",
        "email": "email",
        "phone": "mobilephone | phone",
        "name": "firstname + lastname",
        "created_at": "createdate",
        "account": "company",
        "country": "country",
        "province": "state",
        "city": "city",
        "occupation": "jobtitle",
        "owner": "",
        "tags": "",
    },
    source="hubspot",
    documented="names of properties in the public interface",
)

_PERSON = {
    "customer": "Id",
    "email": "Email",
    "phone": "MobilePhone | Phone",
    "name": "FirstName + LastName",
    "created_at": "CreatedDate",
    "occupation": "Title",
    "owner": "",
    "tags": "",
}

SALESFORCE_CONTACTS = Tool(
    name="salesforce-contacts",
    label=Text("Salesforce contacts", "Salesforce 联系人"),
    kind="customers",
    signature=("Id", "AccountId", "FirstName", "LastName", "Email", "OwnerId"),
    columns={
        **_PERSON,
        "account": "Account.Name | AccountId",
        "country": "MailingCountry",
        "province": "MailingState",
        "city": "MailingCity",
    },
    source="salesforce",
    documented="names of fields in the public object reference",
)

SALESFORCE_LEADS = Tool(
    name="salesforce-leads",
    label=Text("Salesforce leads", "Salesforce 潜在客户"),
    kind="customers",
    signature=("Id", "FirstName", "LastName", "Company", "IsConverted", "Status"),
    columns={
        **_PERSON,
        "account": "Company",
        "country": "Country",
        "province": "State",
        "city": "City",
    },
    source="salesforce",
    documented="names of fields in the public object reference",
)
