"""Whoever waits first has the first turn."""

from __future__ import annotations

import threading
import time

from livingdrug.care.turns import Turns


def test_turns_are_taken_in_the_order_of_waiting() -> None:
    turns, order = Turns(), list[int]()

    def wait(number: int) -> None:
        with turns:
            order.append(number)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(20)]
    with turns:
        for thread in threads:
            thread.start()
            time.sleep(0.005)
    for thread in threads:
        thread.join()
    assert order == list(range(20))
    with turns:
        pass


def test_an_error_gives_the_turn_on() -> None:
    turns = Turns()
    try:
        with turns:
            raise ValueError
    except ValueError:
        pass
    with turns:
        pass
