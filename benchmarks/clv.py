"""Measure the value of customers: fits, forecasts and intervals of `huoshui.science.clv` beside the peer ``lifetimes``.

Customers are drawn from BG/NBD and Gamma-Gamma with the parameters of CDNOW, on a grid of days. Each run is a fresh
process with one thread of linear algebra. The peer lives in an environment of its own, for it asks for older parts:

    uv venv PEER && uv pip install --python PEER/bin/python "lifetimes==0.11.3" "setuptools<81"

Both fits are judged by the same likelihood, computed here from the printed formula; the program fails when ours is
worse by more than a millionth. Wall times on a busy machine say little: processor seconds stand beside them.

Use: ``python benchmarks/clv.py [--customers N] [--runs N] [--peer PEER/bin/python] [--intervals]``
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
TRUTH = {"r": 0.243, "alpha": 4.414 * 7, "a": 0.793, "b": 2.426}
MONEY = {"p": 6.25, "q": 3.74, "v": 15.44}


class Watch:
    """Wall and processor seconds of named steps."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}

    def __call__(self, name: str, work: Any) -> Any:
        began, used = time.perf_counter(), time.process_time()
        answer = work()
        self.steps[name] = {"wall": time.perf_counter() - began, "processor": time.process_time() - used}
        return answer


def draw(folder: str, customers: int) -> dict[str, Any]:
    """Draw the customers and keep them as arrays."""
    import numpy as np
    from huoshui.science.clv import BetaGeo, GammaGamma, simulate

    ages = np.random.default_rng(1).integers(180, 546, customers)
    truth, money = BetaGeo.from_dict({"params": TRUTH}), GammaGamma.from_dict({"params": MONEY})
    data = simulate(truth, money, ages, ahead=365.25, seed=2)
    recency = np.minimum(np.ceil(data.recency), data.T)
    columns = {"x": data.frequency, "t": recency, "T": data.T, "m": data.monetary_value}
    for name, column in columns.items():
        np.save(Path(folder) / f"{name}.npy", column)
    return {"customers": customers, "repeat customers": int((data.frequency > 0).sum())}


def _columns(folder: str) -> list[Any]:
    import numpy as np

    return [np.load(Path(folder) / f"{name}.npy") for name in "xtTm"]


def ours(folder: str, intervals: bool) -> dict[str, Any]:
    """Fit both models, value everybody for 12 months, and, apart, give the intervals of what they will bring."""
    from huoshui.science.clv import BetaGeo, GammaGamma, value_intervals

    x, t, end, m = _columns(folder)
    watch = Watch()
    model = watch("bg_nbd fit", lambda: BetaGeo().fit(x, t, end))
    money = watch("gamma_gamma fit", lambda: GammaGamma().fit(x, m))
    each = watch("expected value", lambda: money.expected_value(x, m))
    value = watch("clv 12 months", lambda: model.lifetime_value(x, t, end, each))
    watch("expected purchases", lambda: model.expected_purchases(365.0, x, t, end))
    if intervals:
        watch("intervals", lambda: value_intervals(model, money, x, t, end, m, time=365.25))
    return {"steps": watch.steps, "params": [*model.params_.values()], "mean value": float(value.mean())}


def pareto(folder: str) -> dict[str, Any]:
    """Fit Pareto/NBD, for which the peer has no answer at this size in reasonable time."""
    from huoshui.science.clv import ParetoNBD

    x, t, end, _ = _columns(folder)
    watch = Watch()
    model = watch("pareto_nbd fit", lambda: ParetoNBD().fit(x, t, end))
    return {
        "steps": watch.steps,
        "params": [*model.params_.values()],
        "log_likelihood": model.log_likelihood_,
    }


def lifetimes(folder: str) -> dict[str, Any]:
    """The same with the peer; run by the peer's own Python."""
    import pandas as pd
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    x, t, end, m = map(pd.Series, _columns(folder))
    watch = Watch()
    model, money = BetaGeoFitter(), GammaGammaFitter()
    watch("bg_nbd fit", lambda: model.fit(x, t, end))
    back = (x > 0) & (m > 0)
    watch("gamma_gamma fit", lambda: money.fit(x[back], m[back]))
    each = watch("expected value", lambda: money.conditional_expected_average_profit(x, m))
    value = watch(
        "clv 12 months",
        lambda: money.customer_lifetime_value(model, x, t, end, each, time=12, discount_rate=0.1, freq="D"),
    )
    watch(
        "expected purchases",
        lambda: model.conditional_expected_number_of_purchases_up_to_time(365, x, t, end),
    )
    params = [float(model.params_[name]) for name in ("r", "alpha", "a", "b")]
    return {"steps": watch.steps, "params": params, "mean value": float(value.mean())}


def likelihood(folder: str, params: list[float]) -> float:
    """BG/NBD as printed (equation 6 of the paper), in plain NumPy."""
    import numpy as np
    from scipy.special import betaln, gammaln

    x, t, end, _ = _columns(folder)
    r, alpha, a, b = params
    stays = betaln(a, b + x) - (r + x) * np.log(alpha + end)
    gone = betaln(a + 1, np.maximum(b + x - 1, 1e-9)) - (r + x) * np.log(alpha + t)
    both = np.where(x > 0, np.logaddexp(stays, gone), stays)
    return float((gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + both).sum())


def main() -> None:
    from measure import Run, Series, repeat, run_command, run_function, save, table

    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--customers", type=int, default=1_000_000)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--peer", help="Python of an environment with lifetimes")
    ask.add_argument("--intervals", action="store_true", help="also the predictive intervals")
    ask.add_argument("--pareto", action="store_true", help="also Pareto/NBD")
    asked = ask.parse_args()
    os.environ |= dict.fromkeys(THREADS, "1")
    with tempfile.TemporaryDirectory() as folder:
        about = run_function("clv:draw", {"folder": folder, "customers": asked.customers}).value

        def peer() -> Run:
            command = [asked.peer, "-W", "ignore", str(Path(__file__).resolve()), "peer", folder]
            run = run_command(command)
            return Run(run.seconds, run.peak_mib, value=json.loads(run.value.splitlines()[-1]))

        tasks = {
            "huoshui": lambda: run_function("clv:ours", {"folder": folder, "intervals": asked.intervals})
        }
        if asked.peer:
            tasks["lifetimes"] = peer
        if asked.pareto:
            tasks["huoshui pareto"] = lambda: run_function("clv:pareto", {"folder": folder})
        series = repeat(tasks, asked.runs)
        found = {
            name: run_function(
                "clv:likelihood", {"folder": folder, "params": one.runs[0].value["params"]}
            ).value
            for name, one in series.items()
            if name != "huoshui pareto"
        }

    def seconds(one: Series, step: str, kind: str) -> float:
        return statistics.median(run.value["steps"][step][kind] for run in one.runs)

    rows = []
    for name, one in series.items():
        for step in one.runs[0].value["steps"]:
            wall, used = seconds(one, step, "wall"), seconds(one, step, "processor")
            rows.append([name, step, f"{wall:.3f}", f"{used:.3f}", f"{one.peak_mib:,.0f}"])
    print(table(["program", "step", "wall s", "processor s", "peak MiB"], rows))
    for name, value in found.items():
        print(f"log-likelihood of {name}: {value:.4f}")
    if asked.peer:
        ratios = {
            step: seconds(series["lifetimes"], step, "processor")
            / seconds(series["huoshui"], step, "processor")
            for step in series["lifetimes"].runs[0].value["steps"]
        }
        print("times faster (processor seconds):", {step: round(ratio, 1) for step, ratio in ratios.items()})
        if found["huoshui"] < found["lifetimes"] - 1e-6 * abs(found["lifetimes"]):
            sys.exit("Our fit is worse than the peer's.")
    print(save("clv", series, likelihood=found, **about))


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        print(json.dumps(lifetimes(sys.argv[2])))
    else:
        main()
