"""What goes wrong at the providers, as switches of the page's panels; all of them at once."""

from collections.abc import Callable

from sandbox.fleet.fleet import Fleet
from sandbox.fleet.service import FleetFault, FleetFaultKind, Service
from sandbox.panel import Control, Words, toggle

Undo = Callable[[], None]


def fleet_switches(fleet: Fleet) -> list[Control]:
    """Lies, silence and refusals, a broken list, an old address, and the key."""
    kind = FleetFaultKind
    return [
        _fault(
            fleet,
            "provider_lies",
            FleetFault(kind.LIES),
            {"en": "GPU providers: lie", "zh": "GPU 供应商：谎报"},
            {
                "en": "They say yes to a stop, and the machine runs on and is billed.",
                "zh": "对停止请求回答「好」，机器却继续运行、继续计费。",
            },
        ),
        _fault(
            fleet,
            "provider_half_a_list",
            FleetFault(kind.TRUNCATED, call="list"),
            {"en": "GPU providers: half a list", "zh": "GPU 供应商：列表残缺"},
            {
                "en": "The list breaks off in the middle. Nothing may be taken for stopped.",
                "zh": "列表中途断开。不得把任何机器当作已停止。",
            },
        ),
        _fault(
            fleet,
            "provider_500",
            FleetFault(kind.SERVER_ERROR),
            {"en": "GPU providers: server error", "zh": "GPU 供应商：服务器错误"},
            {
                "en": "Every call fails with HTTP 500.",
                "zh": "每次调用都以 HTTP 500 失败。",
            },
        ),
        _fault(
            fleet,
            "provider_429",
            FleetFault(kind.TOO_MANY),
            {"en": "GPU providers: too many requests", "zh": "GPU 供应商：请求过多"},
            {
                "en": "Calls are refused with HTTP 429; the app is asked to wait 12 seconds.",
                "zh": "调用被 HTTP 429 拒绝，应用须等待 12 秒。",
            },
        ),
        _fault(
            fleet,
            "provider_410",
            FleetFault(kind.GONE),
            {"en": "GPU providers: gone", "zh": "GPU 供应商：接口已下线"},
            {
                "en": "Every call is answered HTTP 410: this version of the API is switched off.",
                "zh": "每次调用都得到 HTTP 410：此版本的接口已经停用。",
            },
        ),
        _key(
            fleet,
            "provider_key_revoked",
            _revoked,
            {"en": "GPU providers: key revoked", "zh": "GPU 供应商：密钥已吊销"},
            {
                "en": "The app's key opens nothing any more.",
                "zh": "应用的密钥不再有效。",
            },
        ),
        _key(
            fleet,
            "provider_key_reads",
            _read_only,
            {"en": "GPU providers: read-only key", "zh": "GPU 供应商：只读密钥"},
            {
                "en": "The app may look at machines and stop none.",
                "zh": "应用只能查看机器，不能停止。",
            },
        ),
    ]


def _fault(fleet: Fleet, name: str, fault: FleetFault, label: Words, hint: Words) -> Control:
    def begin() -> Undo:
        standing = [(s.faults, s.faults.add(fault)) for s in fleet.services.values()]

        def end() -> None:
            for faults, fault_id in standing:
                faults.remove(fault_id)

        return end

    return toggle(name, label, hint, begin, "provider")


def _key(
    fleet: Fleet, name: str, change: Callable[[Service, bool], None], label: Words, hint: Words
) -> Control:
    def set_all(on: bool) -> None:
        for service in fleet.services.values():
            change(service, on)

    def begin() -> Undo:
        set_all(True)
        return lambda: set_all(False)

    return toggle(name, label, hint, begin, "provider")


def _revoked(service: Service, on: bool) -> None:
    service.is_revoked = on


def _read_only(service: Service, on: bool) -> None:
    service.may_write = not on
