"""What comes next in an equally spaced series, such as the sales of months.

Promises: a mean and an interval for each step, and for the sum of all; the chance of reaching a target; the errors that
this forecast and the seasonal naive one made when earlier periods were told by what was known before them; and the
level that changed, where the forecast goes by one. It is a named refusal or a stated simpler method where the data do
not suffice, and never a number that is none.
"""

from huoshui.science.forecast.backtests import Backtest, backtest
from huoshui.science.forecast.errors import NotASeries, TooFewValues
from huoshui.science.forecast.models import Change
from huoshui.science.forecast.reaching import probability_of_reaching, total_interval
from huoshui.science.forecast.seasons import shares
from huoshui.science.forecast.series import Forecast, Total, forecast

__all__ = [
    "Backtest",
    "Change",
    "Forecast",
    "NotASeries",
    "TooFewValues",
    "Total",
    "backtest",
    "forecast",
    "probability_of_reaching",
    "shares",
    "total_interval",
]
