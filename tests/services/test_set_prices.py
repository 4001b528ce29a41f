"""A price that an admin sets counts from the next listing on, and gives way to the provider's."""

from decimal import Decimal

from bot.domain.fleet import PriceSource, Provider
from bot.domain.watch import SetPrice
from tests.services.told import HOUR, Scene, Told, says
from tests.services.watched import GRACE, Watch
from tests.storage.given import TEAM


async def test_what_has_no_price_costs_what_an_admin_set_from_then_on(watch: Watch) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    bare = says(scene, gpu="H100 SXM", gpu_count=2, price_per_hour=None, price_source=None)
    await scene.listed(pods, bare)
    await sets(watch, "0.5")
    await scene.listed(pods, bare, after=HOUR)
    [run] = await scene.runs()
    assert (run.price_per_hour, run.price_source) == (Decimal(1), PriceSource.SET)
    await scene.listed(pods, bare, after=HOUR)
    cost = await scene.cost(run)
    assert cost.compute == Decimal(1), "one hour of two GPUs; the one before has no price"
    assert cost.unpriced
    await sets(watch, "0")
    await scene.listed(pods, bare)
    assert (await scene.runs())[0].price_per_hour is None
    await sets(watch, "0.5")
    await scene.listed(pods, says(scene, gpu="H100 SXM"))
    assert (await scene.runs())[0].price_source is PriceSource.INSTANCE


async def sets(watch: Watch, usd: str) -> None:
    price = SetPrice(Provider.RUNPOD, "h100 sxm", Decimal(usd), GRACE, watch.clock.now())
    async with watch.store() as uow:
        await uow.watch.put_price(TEAM, price)
        await uow.commit()
