"""Who the customers are, and what drives them: rate of buying, life with the shop, budget, taste, mildness.

* Arrival: the i-th of n customers comes at G⁻¹((i + U) ÷ n), where G grows and follows the season.
* Buying and leaving, the Pareto/NBD model: λ ~ Gamma(r, α), lifetime ~ Exponential(μ), μ ~ Gamma(s, β)
  (D. C. Schmittlein, D. G. Morrison, R. Colombo, "Counting your customers", Management Science 33 (1), 1987).
* Budget, the gamma-gamma model: what an order may cost ~ Gamma(p, ν), ν ~ Gamma(q, γ) (P. S. Fader, B. G. S. Hardie,
  K. L. Lee, "RFM and CLV", Journal of Marketing Research 42 (4), 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.demo import catalogue, places
from huoshui.demo.columns import numbered, only, texts
from huoshui.demo.draws import Numbers, chosen
from huoshui.demo.invention import World
from huoshui.demo.seasons import DAY

FIRST_NUMBER = 100_001
FIRST_PHONE = 199_0000_0000
PEOPLE_PER_COMPANY = 1_000


@dataclass(frozen=True, slots=True)
class People:
    """A part of the customers, one column per quality; ``first`` is the place of the first one among all.

    ``rate`` and ``leaving`` are per day, ``leaves_at`` is the end of their life with the shop if nothing drives them
    away before; ``budget`` is the rate ν of the gamma distribution of what an order may cost.
    """

    first: int
    joined: Numbers
    buys: Numbers
    rate: Numbers
    leaving: Numbers
    leaves_at: Numbers
    budget: Numbers
    mildness: Numbers
    segment: Numbers
    place: Numbers
    channel: Numbers
    company: Numbers

    def __len__(self) -> int:
        return len(self.joined)

    @property
    def numbers(self) -> pa.Array:
        """The shop's numbers of these customers."""
        return numbered("K", FIRST_NUMBER + self.first + np.arange(len(self)))


def draw_people(world: World, first: int, count: int) -> People:
    """The customers at the places ``first`` to ``first + count`` of all."""
    p, total = world.parameters, world.invention.customers
    draw = world.draws.of("arriving")
    joined = world.arriving((first + np.arange(count) + draw.random(count)) / total)
    draw = world.draws.of("buying")
    buys = draw.random(count) >= p.never_buys
    rate = draw.gamma(p.rate_shape, 1.0 / p.rate_scale, count)
    budget = draw.gamma(p.budget_shape, 1.0 / p.budget_scale, count)
    draw = world.draws.of("leaving")
    leaving = draw.gamma(p.leaving_shape, 1.0 / p.leaving_scale, count)
    life = np.minimum(draw.standard_exponential(count) / leaving * DAY, 2.0 * world.horizon)
    draw = world.draws.of("people")
    segment = chosen(draw, np.array([s.share for s in catalogue.SEGMENTS]), count)
    place = chosen(draw, np.array([float(c.weight) for c in places.PLACES]), count)
    channel = chosen(draw, np.array([c.share for c in catalogue.CHANNELS]), count)
    mildness = draw.standard_normal(count)
    company = _companies(world, count)
    return People(
        first=first,
        joined=joined,
        buys=buys,
        rate=np.where(buys, rate * np.where(company >= 0, p.business_rate, 1.0), 0.0),
        leaving=leaving,
        leaves_at=joined + 600 + life.astype(np.int64),
        budget=budget,
        mildness=mildness,
        segment=segment,
        place=place,
        channel=channel,
        company=company,
    )


def _companies(world: World, count: int) -> Numbers:
    """For each person the company they buy for, or -1."""
    draw = world.draws.of("companies")
    companies = -(-world.invention.customers // PEOPLE_PER_COMPANY)
    belongs = draw.random(count) < world.parameters.business_share
    return np.where(belongs, draw.integers(0, companies, count), -1)


def company_names(world: World, companies: Numbers) -> pa.Array:
    """Names of invented companies; a number keeps them apart."""
    sites, trades = world.said(places.COMPANY_PLACES), world.said(places.COMPANY_TRADES)
    begins, _, ends = world.said(places.COMPANY_NAME).partition("{number}")
    names = [begins.format(site=site, trade=trade) for site in sites for trade in trades]
    kept = np.maximum(companies, 0)
    return only(
        companies >= 0,
        pc.binary_join_element_wise(texts(names, kept * 7 % len(names)), numbered("", 1 + kept, ends), ""),
    )


def customers_file(world: World, people: People) -> pa.Table:
    """The rows of the file ``customers``; some people left no e-mail, some no phone, some nothing else."""
    p, count, place, said = world.parameters, len(people), people.place, world.said
    draw = world.draws.of("profiles")
    surnames = texts(said(places.SURNAMES), draw.integers(0, len(places.SURNAMES), count))
    given = texts(said(places.GIVEN_NAMES), draw.integers(0, len(places.GIVEN_NAMES), count))
    between = said(places.NAME).replace("{}", "")
    woman = draw.random(count) < 0.53
    born = np.clip(draw.normal(world.invention.until.year - 40, 6.5, count), 1900, None).astype(int)
    age = world.invention.until.year - born
    born = np.where((age >= 22) & (age <= 75), born, world.invention.until.year - 40)
    bands = np.array([places.INCOME_SHARES[c.tier] for c in places.PLACES])
    income = (draw.random(count)[:, None] > np.cumsum(bands, axis=1)[place]).sum(axis=1)
    home = np.clip(np.round(draw.normal(105 + 18 * income, 24)), 40, 400).astype(int)
    told = draw.random(count)
    return pa.table(
        {
            "会员编号": people.numbers,
            "姓名": pc.binary_join_element_wise(surnames, given, between),
            "手机": only(
                draw.random(count) < p.leaves_phone,
                numbered("+86", FIRST_PHONE + people.first + np.arange(count)),
            ),
            "邮箱": only(
                draw.random(count) < p.leaves_email,
                numbered("k", FIRST_NUMBER + people.first + np.arange(count), "@example.com"),
            ),
            "注册时间": world.clock(people.joined),
            "公司": company_names(world, people.company),
            "性别": texts(said((places.MAN, places.WOMAN)), woman.astype(int)),
            "出生年份": only(told < p.tells_age, pa.array(born)),
            "省份": texts([said(c.province) for c in places.PLACES], place),
            "城市": texts([said(c.city) for c in places.PLACES], place),
            "城市等级": texts([said(c.tier) for c in places.PLACES], place),
            "职业": only(
                told < p.tells_job, texts(said(places.JOBS), draw.integers(0, len(places.JOBS), count))
            ),
            "首次渠道": texts([said(c.name) for c in catalogue.CHANNELS], people.channel),
            "家庭年收入": only(told < p.tells_home, texts(said(places.INCOME), np.minimum(income, 3))),
            "住房面积": only(told < p.tells_home, pa.array(home)),
            "装修阶段": only(
                told < p.tells_home, texts([said(s.renovation) for s in catalogue.SEGMENTS], people.segment)
            ),
            "标签": only(draw.random(count) < 0.06, texts(("VIP",), np.zeros(count, int))),
        }
    )


def consents_file(world: World, people: People, opted_out: pa.Table) -> pa.Table:
    """What they agreed to when they joined, and what they took back: by themselves, or upset by a campaign.

    ``opted_out`` has ``customer`` (place among these), ``channel`` and ``at``.
    """
    given = consents(world, people)
    who, at, channel, state = [], [], [], []
    for place, (name, agreed) in enumerate(given.items()):
        people_of = np.flatnonzero(agreed.granted)
        moments = np.minimum(people.joined[people_of] + 60, world.end - 1)
        left = people_of[agreed.withdrawn_at[people_of] < world.end]
        upset = opted_out.filter(pc.equal(opted_out["channel"], name))
        who += [people_of, left, upset["customer"].to_numpy()]
        at += [moments, agreed.withdrawn_at[left], upset["at"].to_numpy()]
        taken_back = len(left) + upset.num_rows
        channel.append(np.full(len(people_of) + taken_back, place))
        state.append(np.repeat([0, 1], [len(people_of), taken_back]))
    everyone = np.concatenate(who).astype(np.int64)
    count = len(everyone)
    codes = np.concatenate(state)
    return pa.table(
        {
            "customer": people.numbers.take(pa.array(everyone)),
            "purpose": texts(("marketing",), np.zeros(count, int)),
            "channel": texts(list(given), np.concatenate(channel)),
            "state": texts(("granted", "withdrawn"), codes),
            "given_at": world.clock(np.concatenate(at)),
            "wording": texts(("demo-1",), np.zeros(count, int)),
            "origin": texts(("registration form", "unsubscribe link"), codes),
            "evidence": numbered(f"invented form {world.draws.part}-", 1 + np.arange(count)),
        }
    )


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who agreed on one channel, and when they take it back; the horizon's end stands for never."""

    granted: Numbers
    withdrawn_at: Numbers


def consents(world: World, people: People) -> dict[str, Agreed]:
    """What the people agree to when they join, by channel."""
    p = world.parameters
    found = {}
    for name, share in (("sms", p.consent_sms), ("email", p.consent_email), ("wecom", p.consent_wecom)):
        draw = world.draws.of(f"consent by {name}")
        granted = draw.random(len(people)) < share
        left = draw.random(len(people)) < p.withdrawn
        at = people.joined + 3_600 + (draw.random(len(people)) * (world.end - people.joined)).astype(np.int64)
        found[name] = Agreed(granted, np.where(granted & left, at, world.horizon))
    return found
