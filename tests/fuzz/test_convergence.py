"""Everybody ends with the same, whatever the network and the process did meanwhile."""

import pytest

from fuzz.network import failures


@pytest.mark.parametrize("seed", range(3))
def test_everybody_ends_with_the_same_whatever_the_network_did(seed: int) -> None:
    assert failures(seed, range(150)) == []
