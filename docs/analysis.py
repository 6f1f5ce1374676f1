# %% [markdown]
# # Two open data sets, analysed with `huoshui.science` alone
#
# CDNOW (who will buy again, and what are they worth?) and Online Retail (who came back, who is who, who moved?).
# The data lie in the folder that `HUOSHUI_TEST_DATA` names. `docs/analysis.py` holds the same cells as text, to be run
# whole or by an editor that knows `# %%`; the test `tests/test_analysis.py` runs them and holds them to their figures.
#
# Everything below takes and gives Ibis tables or NumPy arrays. Nothing needs a house, a database or Django.

# %%
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huoshui.science import cohorts, lifecycle, rfm
from huoshui.science.clv import (
    BetaGeo,
    GammaGamma,
    ModifiedBetaGeo,
    ParetoNBD,
    backtest,
    purchase_summary,
    tracking_curve,
    value_intervals,
)
from huoshui.science.survival import log_rank, survival_curve

DATA = Path(os.environ.get("HUOSHUI_TEST_DATA", "../shared/data"))

# %% [markdown]
# ## CDNOW: from purchases to the three numbers
#
# The sample of the papers: 2,357 people who first bought in the first quarter of 1997. The models learn from 39 weeks
# and are judged by the next 39.

# %%
lines = (DATA / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()
rows = [line.split() for line in lines if line.strip()]
cdnow = ibis.memtable(
    pa.table(
        {
            "customer_id": [int(row[1]) for row in rows],
            "day": [date.fromisoformat(row[2]) for row in rows],
            "revenue": [float(row[4]) for row in rows],
        }
    )
)
AFTER, CALIBRATION_END = date(1998, 7, 1), date(1997, 9, 30)
table = purchase_summary(cdnow, as_of=AFTER, calibration_end=CALIBRATION_END, unit="W").to_pyarrow()
columns = {name: table[name].to_numpy() for name in table.column_names}
x, t_x, T, m = (columns[name] for name in ("frequency", "recency", "T", "monetary_value"))
print(f"{len(x):,} customers, {int(x.sum()):,} repeat purchases, {int((x == 0).sum()):,} without any")

# %% [markdown]
# ## Three models of repeat buying
#
# Published: BG/NBD r 0.243, α 4.414, a 0.793, b 2.426, log-likelihood −9582.4; Pareto/NBD r 0.553, α 10.578, s 0.606,
# β 11.669, −9595.0 (Fader, Hardie and Lee, Marketing Science 24, 2005).

# %%
models = {kind.__name__: kind(unit="W").fit(x, t_x, T) for kind in (BetaGeo, ModifiedBetaGeo, ParetoNBD)}
for name, model in models.items():
    told = ", ".join(f"{key} {value:.4f}" for key, value in model.params_.items())
    print(f"{name:16} {told}, log-likelihood {model.log_likelihood_:.2f}")

# %% [markdown]
# Which one foretells single customers best, and does it beat the simple rules?

# %%
tests = {
    name: backtest(model, x, t_x, T, columns["frequency_holdout"], columns["duration_holdout"])
    for name, model in models.items()
}
for name, test in tests.items():
    print(
        f"{name:16} error {test.model.mean_absolute:.4f}, total {test.model.predicted:.0f} of {test.actual:.0f}"
    )
print(f"steady rate      error {tests['BetaGeo'].steady.mean_absolute:.4f}")
print(f"own rate         error {tests['BetaGeo'].own_rate.mean_absolute:.4f}")

# %% [markdown]
# ... and the cohort as a whole, week by week.

# %%
days = cdnow.select("customer_id", "day").distinct().to_pyarrow()
start = date(1997, 1, 1)
when = np.array([(day - start).days / 7 for day in days["day"].to_pylist()])
who = days["customer_id"].to_numpy()
born = np.full(who.max() + 1, np.inf)
np.minimum.at(born, who, when)
first, repeats = born[np.isfinite(born)], when[when > born[who]]
curve = tracking_curve(models["BetaGeo"], first, repeats, [39.0, 78.0])
off = curve.predicted[-1] / curve.actual[-1] - 1
print(f"week 78: {curve.actual[-1]:.0f} repeat purchases, foretold {curve.predicted[-1]:.0f} ({off:+.1%})")

# %% [markdown]
# ## What a purchase is worth, and a customer
#
# Gamma-Gamma, published p 6.25, q 3.74, v 15.44. Two intervals, kept apart: of the parameters, and of what one customer
# will really spend.

# %%
money = GammaGamma(unit="W").fit(x, m)
print(
    ", ".join(f"{key} {value:.3f}" for key, value in money.params_.items()),
    f"dependence {money.dependence_:.3f}",
)
each = money.expected_value(x, m)
worth = models["BetaGeo"].lifetime_value(x, t_x, T, each, discount_rate=0.1)
ends = value_intervals(models["BetaGeo"], money, x, t_x, T, m, time=39.0)
covered = float(np.mean((columns["value_holdout"] >= ends.low) & (columns["value_holdout"] <= ends.high)))
print(f"mean value of 12 months {worth.mean():.2f}; {covered:.1%} of the customers lie in their 95 % ranges")
for name, (low, high) in models["BetaGeo"].parameter_intervals().items():
    print(f"  {name}: {low:.3f} to {high:.3f}")

# %% [markdown]
# ## Online Retail: who is who
#
# A year of a wholesaler of gifts. Lines with a customer, a quantity and a price; one purchase per invoice.

# %%
raw = ibis.memtable(pq.read_table(DATA / "online_retail" / "online_retail.parquet"))
sold = raw.filter(raw.CustomerID.notnull(), raw.Quantity > 0, raw.UnitPrice > 0)
invoices = sold.group_by(customer_id=sold.CustomerID, invoice=sold.InvoiceNo).aggregate(
    ordered_at=sold.InvoiceDate.min().cast("timestamp('UTC')"),
    revenue=(sold.Quantity * sold.UnitPrice).sum(),
)
orders = ibis.memtable(invoices.to_pyarrow())
NOW = datetime(2011, 12, 10, tzinfo=UTC)
scored = rfm.rfm_table(orders, as_of=NOW)
summary = (
    scored.aggregate(
        customers=scored.count(), r=scored.recency.mean(), f=scored.frequency.mean(), m=scored.monetary.mean()
    )
    .to_pyarrow()
    .to_pylist()[0]
)
print(
    f"{summary['customers']:,} customers; means R {summary['r']:.2f}, F {summary['f']:.2f}, M {summary['m']:.2f}"
)
segments = (
    scored.group_by("segment").aggregate(n=scored.count()).order_by(ibis.desc("n")).to_pyarrow().to_pylist()
)
for row in segments:
    print(f"  {row['segment']:20} {row['n']:,}")

# %% [markdown]
# Who moved within 90 days, between the four classes of value?

# %%
earlier = rfm.rfm_table(orders, as_of=NOW - timedelta(days=90))
classes = [one.mutate(value_class=rfm.value_class(one.r, one.f, one.m)) for one in (earlier, scored)]
moves = rfm.movement(*classes, by=("value_class",)).to_pyarrow().to_pylist()
for row in sorted(moves, key=lambda row: -row["customers"])[:6]:
    print(
        f"  {row['value_class_before'] or '(new)':10} → {row['value_class_after'] or '(gone)':10} {row['customers']:,}"
    )

# %% [markdown]
# ## Cohorts: who came back

# %%
by_day = orders.mutate(day=orders.ordered_at.date())
as_of = NOW.date()
found = cohorts.read(cohorts.cohort_table(by_day, as_of=as_of).to_pyarrow().to_pylist(), as_of=as_of)
for one in found[:4]:
    print(f"  {one.start:%Y-%m} {one.size:4}  " + " ".join(f"{n:4}" for n in one.active[1:]))
for one in cohorts.compare(found, 1):
    if one.stands_out:
        print(f"  {one.start:%Y-%m} stands out: {one.share:.1%} came back, the others {one.others:.1%}")

# %% [markdown]
# How long until the second purchase, and do the first three cohorts differ from those of the summer?

# %%
waits = cohorts.waiting_table(by_day, as_of=as_of, grain="quarter").to_pyarrow()
born, waited, came, number = (waits[name].to_numpy(zero_copy_only=False) for name in waits.column_names)
waiting = survival_curve(waited, came, number)
share, low, high = waiting.at(90)
print(
    f"within 90 days {1 - share:.1%} came back ({1 - high:.1%} to {1 - low:.1%}); half by day {waiting.median:.0f}"
)
quarters = [born == one for one in np.unique(born)[:4]]
difference = log_rank(*[[(waited[q], came[q], number[q]) for q in quarters]])
print(f"quarters differ: p = {difference.p:.2g}")

# %% [markdown]
# ## Stages by each customer's own rhythm

# %%
purchases = by_day.select("customer_id", "day").distinct()
gaps = purchases.mutate(gap=lifecycle.days_since_previous(customer=purchases.customer_id, day=purchases.day))
own = gaps.group_by("customer_id").aggregate(middle=gaps.gap.median(), n=gaps.gap.count())
own = own.mutate(typical=lifecycle.typical_interval(own.middle, own.n))
rhythms = own.select("customer_id", rhythm_days=lifecycle.purchase_rhythm(own.middle, own.n, own.typical))
lasting = lifecycle.time_until_lost(purchases, rhythms, as_of=as_of).to_pyarrow()
staying = survival_curve(*(lasting[name].to_numpy(zero_copy_only=False) for name in lasting.column_names))
share, low, high = staying.at(180)
print(f"{share:.1%} ({low:.1%} to {high:.1%}) have not been lost 180 days after their first purchase")
