"""Measure the value of customers: fits, forecasts and intervals of `huoshui.science.clv` beside the peers.

Customers are drawn from BG/NBD and Gamma-Gamma with the parameters of CDNOW, on a grid of days. Each run is a fresh
process with one thread of linear algebra. Peers live in environments of their own, for they ask for other parts:

    uv venv PEER && uv pip install --python PEER/bin/python "lifetimes==0.11.3" "setuptools<81"
    uv venv PYMC && uv pip install --python PYMC/bin/python "pymc-marketing==0.19.2"

``lifetimes`` fits both models and values everybody. ``pymc-marketing`` finds the most likely parameters of BG/NBD under
priors (MAP); it compiles a program first, which is done on a few customers beforehand and does not count.

All fits are judged by the same likelihood, computed here from the printed formula; the program fails when ours is
worse than that of ``lifetimes`` by more than a millionth. Wall times on a busy machine say little: processor seconds
stand beside them. At the end stands what was reached of the goals.

Use: ``python benchmarks/clv.py [--customers N] [--runs N] [--peer PEER/bin/python] [--pymc PYMC/bin/python]
[--intervals] [--pareto]``
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from functools import partial
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


def pymc_map(folder: str) -> dict[str, Any]:
    """BG/NBD by pymc-marketing; run by the peer's own Python."""
    import logging

    import numpy as np
    import pandas as pd
    from pymc_marketing.clv import BetaGeoModel

    logging.disable(logging.CRITICAL)
    x, t, end, _ = _columns(folder)
    columns = {"customer_id": np.arange(len(x)), "frequency": x, "recency": t, "T": end}
    everybody = pd.DataFrame(columns)
    BetaGeoModel(data=everybody.head(1000)).fit(method="map", progressbar=False)
    watch, model = Watch(), BetaGeoModel(data=everybody)
    watch("bg_nbd fit", lambda: model.fit(method="map", progressbar=False))
    params = [float(model.fit_result[name].squeeze()) for name in ("r", "alpha", "a", "b")]
    return {"steps": watch.steps, "params": params}


PEERS = {"lifetimes": lifetimes, "pymc-marketing": pymc_map}


def goals(used: dict[str, dict[str, dict[str, float]]], peak: float) -> list[list[str]]:
    """What was asked for, what was reached: steps of each program with wall and processor seconds."""
    ours, rows = used["huoshui"], []
    for peer, least in (("lifetimes", 50.0), ("pymc-marketing", 30.0)):
        if peer in used:
            for kind in ("wall", "processor"):
                ratio = used[peer]["bg_nbd fit"][kind] / ours["bg_nbd fit"][kind]
                rows.append(
                    [f"BG/NBD fit, times faster than {peer} ({kind})", f">= {least:g}", f"{ratio:.1f}"]
                )
    steps = ("bg_nbd fit", "gamma_gamma fit", "expected value", "clv 12 months")
    for kind in ("wall", "processor"):
        total = sum(ours[step][kind] for step in steps)
        rows.append([f"both fits and value of 12 months, {kind} s", "<= 1.5", f"{total:.2f}"])
    rows.append(["peak memory, MiB", "<= 1024", f"{peak:,.0f}"])
    return rows


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
    ask.add_argument("--pymc", help="Python of an environment with pymc-marketing")
    ask.add_argument("--intervals", action="store_true", help="also the predictive intervals")
    ask.add_argument("--pareto", action="store_true", help="also Pareto/NBD")
    asked = ask.parse_args()
    os.environ |= dict.fromkeys(THREADS, "1")
    with tempfile.TemporaryDirectory() as folder:
        about = run_function("clv:draw", {"folder": folder, "customers": asked.customers}).value

        def peer(name: str, python: str) -> Run:
            command = [python, "-W", "ignore", str(Path(__file__).resolve()), "peer", name, folder]
            run = run_command(command)
            return Run(run.seconds, run.peak_mib, value=json.loads(run.value.splitlines()[-1]))

        tasks = {
            "huoshui": lambda: run_function("clv:ours", {"folder": folder, "intervals": asked.intervals})
        }
        for name, python in (("lifetimes", asked.peer), ("pymc-marketing", asked.pymc)):
            if python:
                tasks[name] = partial(peer, name, python)
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

    used = {
        name: {
            step: {kind: seconds(one, step, kind) for kind in ("wall", "processor")}
            for step in one.runs[0].value["steps"]
        }
        for name, one in series.items()
    }
    rows = [
        [name, step, f"{took['wall']:.3f}", f"{took['processor']:.3f}", f"{series[name].peak_mib:,.0f}"]
        for name, steps in used.items()
        for step, took in steps.items()
    ]
    print(table(["program", "step", "wall s", "processor s", "peak MiB"], rows))
    for name, value in found.items():
        print(f"log-likelihood of {name}: {value:.4f}")
    print(table(["goal", "asked", "reached"], goals(used, series["huoshui"].peak_mib)))
    if asked.peer and found["huoshui"] < found["lifetimes"] - 1e-6 * abs(found["lifetimes"]):
        sys.exit("Our fit is worse than the peer's.")
    print(save("clv", series, likelihood=found, **about))


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        print(json.dumps(PEERS[sys.argv[2]](sys.argv[3])))
    else:
        main()
