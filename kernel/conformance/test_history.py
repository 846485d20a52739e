"""history_request in its three ways, within and across kernels."""

import pytest


def history(client, kind, **options):
    content = {"hist_access_type": kind, "output": False, "raw": True, **options}
    return client.request("history_request", content).ok().content["history"]


@pytest.fixture(scope="module")
def filled(kernel, say):
    for i in range(4):
        kernel.client.run(say.show(f"entry {i}")).ok()
    kernel.client.run(say.product).ok()
    kernel.client.run(say.product).ok()
    return kernel


def test_the_tail_gives_the_last_in_order(filled, client, say):
    entries = history(client, "tail", n=3)
    assert [e[2] for e in entries] == [say.show("entry 3"), say.product, say.product]
    assert entries[0][1] + 1 == entries[1][1] == entries[2][1] - 1


@pytest.mark.fanout
def test_outputs_ride_along_when_asked_for(filled, client, say):
    [entry] = history(client, "tail", n=1, output=True)
    assert entry[2] == [say.product, "42"]
    entries = history(client, "tail", n=3, output=True)
    assert entries[0][2] == [say.show("entry 3"), None]


def test_a_range_takes_start_and_leaves_stop(filled, client, say):
    session, first, _ = history(client, "tail", n=6)[0]
    entries = history(client, "range", session=session, start=first, stop=first + 2)
    assert [e[2] for e in entries] == [say.show("entry 0"), say.show("entry 1")]


@pytest.mark.fanout
def test_a_range_names_the_session_as_it_was_asked_for(filled, client):
    session, first, _ = history(client, "tail", n=6)[0]
    assert history(client, "range", session=session, start=first, stop=first + 1)[0][:2] == [session, first]


def test_session_zero_is_the_current_one(filled, client, say):
    first = history(client, "tail", n=6)[0][1]
    entries = history(client, "range", session=0, start=first, stop=first + 1)
    assert [e[2] for e in entries] == [say.show("entry 0")]


def test_a_search_takes_patterns(filled, client, say):
    entries = history(client, "search", pattern="*entry ?*")
    assert [e[2] for e in entries] == [say.show(f"entry {i}") for i in range(4)]
    assert history(client, "search", pattern="*no such thing*") == []


def test_a_search_is_cut_to_n_and_made_unique(filled, client, say):
    assert [e[2] for e in history(client, "search", pattern="*entry*", n=2)] == [
        say.show("entry 2"),
        say.show("entry 3"),
    ]
    assert len(history(client, "search", pattern=say.product.replace("*", "?"))) == 2
    assert len(history(client, "search", pattern=say.product.replace("*", "?"), unique=True)) == 1


def test_history_outlives_the_kernel(filled, start_kernel, say):
    second = start_kernel()
    second.client.run(say.show("in the second kernel")).ok()
    lines = [e[2] for e in history(second.client, "search", pattern="*entry*")]
    assert lines == [say.show(f"entry {i}") for i in range(4)]
    sessions = {e[0] for e in history(second.client, "tail", n=100)}
    assert len(sessions) == 2
    entries = history(second.client, "range", session=-1, start=1, stop=3)
    assert [e[2] for e in entries] == [say.show("entry 0"), say.show("entry 1")]


@pytest.mark.fanout
def test_two_kernels_write_at_once(start_kernel, say):
    pair = [start_kernel(), start_kernel()]
    ids = [(k, k.client.start(say.show(f"both {i} {k.process.pid}"))) for i in range(20) for k in pair]
    for kernel, msg_id in ids:
        kernel.client.finish(msg_id).ok()
    for kernel in pair:
        lines = [e[2] for e in history(kernel.client, "range", session=0, start=1, stop=100)]
        assert lines == [say.show(f"both {i} {kernel.process.pid}") for i in range(20)]
