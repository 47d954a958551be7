from __future__ import annotations

import numpy as np

from smartreturns_ml.encode import FREQUENT, fit_encoding


def test_a_row_does_not_see_its_own_target(contract):
    """Codes without meaning: an encoding that leaks would follow the target."""
    r = np.random.default_rng(0)
    size = len(contract.values["category_l3"])
    count = size * 40
    codes, target = np.repeat(np.arange(size), 40).astype(float), r.normal(size=count)
    assert count / size < FREQUENT
    _, numbers = fit_encoding("x", "category_l3", codes, target, np.ones(count), contract)
    assert abs(np.corrcoef(numbers, target)[0, 1]) < 0.05
    leaky = np.array([target[codes == c].mean() for c in range(size)])[codes.astype(int)]
    assert np.corrcoef(leaky, target)[0, 1] > 0.1


def test_changing_a_target_changes_no_earlier_number_of_its_code(contract):
    codes = np.zeros(50)
    target = np.arange(50.0)
    _, before = fit_encoding("x", "reason_code", codes, target, np.ones(50), contract)
    for i in range(50):
        other = target.copy()
        other[i] += 1000
        _, after = fit_encoding("x", "reason_code", codes, other, np.ones(50), contract)
        # Only the mean of all rows, to which rare codes are drawn, may move a row's own number.
        shrink = 20 * (1000 / 50) / 20
        assert after[i] - before[i] <= shrink + 1e-3


def test_an_unseen_category_takes_its_parent(contract):
    names = contract.values["category_l3"]
    phone, tablet = names.index("electronics.mobile.smartphone"), names.index("electronics.mobile.tablet")
    book = names.index("books.general.book")
    codes = np.array([phone] * 300 + [book] * 300, float)
    target = np.array([1.0] * 300 + [-1.0] * 300)
    encoding, _ = fit_encoding("x", "category_l3", codes, target, np.ones(600), contract)
    of = encoding.of(np.array([phone, tablet, book, np.nan, 999], np.float32))
    assert of[1] > 0.8 and of[0] > of[1] and of[2] < -0.8
    assert abs(of[3]) < 0.1 and of[4] == of[3]


def test_rows_without_a_target_teach_nothing(contract):
    codes = np.array([1.0, 1.0, 2.0, 2.0])
    target = np.array([5.0, np.nan, np.nan, 1.0])
    encoding, numbers = fit_encoding("x", "reason_code", codes, target, np.ones(4), contract)
    assert np.isfinite(encoding.values).all() and np.isfinite(numbers).all()
