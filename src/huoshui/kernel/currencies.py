"""Currency codes of ISO 4217 (active list of 2024, funds and metals left out)."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError

CODES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL""".split()  # noqa: SIM905  (a list would be a page long)
)


class NotACurrency(HuoshuiError):
    """A code that ISO 4217 does not know."""

    code = "not_a_currency"


def currency_code(text: str) -> str:
    """``text`` as an ISO 4217 code in capitals. Raises `NotACurrency`."""
    code = text.strip().upper()
    if code not in CODES:
        raise NotACurrency(
            "This is not a currency", received=repr(text), valid="an ISO 4217 code such as CNY, GBP or USD"
        )
    return code
