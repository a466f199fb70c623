"""Prints the expected numbers of tests/study/statistics_test.cpp. Needs numpy, scipy and statsmodels."""
import numpy as np
from scipy import stats
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
import statsmodels.formula.api as smf
import pandas as pd

A = np.array([0.4865, 0.4825, 0.4870, 0.4875, 0.4840])
B = np.array([0.4590, 0.4830, 0.4575, 0.4750, 0.4360])
D = np.array([0.51, 0.47, 0.53])

print("mean", A.mean(), A.std(ddof=1), *stats.t.interval(0.95, 4, A.mean(), stats.sem(A)))
print("mean 90 %", *stats.t.interval(0.90, 4, A.mean(), stats.sem(A)))
for k, n in ((1008, 2000), (0, 50), (50, 50), (3, 10)):
    print("binomial", k, n, *proportion_confint(k, n, method="beta"))
print("paired t", stats.ttest_rel(A, B).pvalue, *stats.ttest_rel(A, B).confidence_interval(0.95))
flips = stats.permutation_test((A, B), lambda x, y, axis: (x - y).mean(axis), permutation_type="samples",
                               vectorized=True, n_resamples=np.inf)
print("sign flip", flips.pvalue)
print("welch", stats.ttest_ind(A, D, equal_var=False).pvalue)
for b, c in ((12, 30), (5, 5), (0, 7)):
    print("mcnemar", b, c, mcnemar([[0, b], [c, 0]], exact=True).pvalue)
p = [0.01, 0.04, 0.03, 0.005, 0.9]
print("holm", *multipletests(p, method="holm")[1])
print("holm, family of 6", *multipletests([0.01, 0.04, 1, 1, 1, 1], method="holm")[1][:2])
rows = [(i, j, v) for (i, j), cell in {(0, 0): (1.0, 1.4), (0, 1): (2.1, 1.8), (0, 2): (2.9, 3.3), (1, 0): (2.0, 2.2),
        (1, 1): (2.5, 3.1), (1, 2): (5.0, 4.4)}.items() for v in cell]
frame = pd.DataFrame(rows, columns=["a", "b", "y"])
print(anova_lm(smf.ols("y ~ C(a) * C(b)", frame).fit()).to_string(float_format="%.12g"))

# tests/study/table_test.cpp
grid = [(i, j, v) for (i, j), cell in {(0, 0): (0.10, 0.14), (0, 1): (0.21, 0.18), (1, 0): (0.20, 0.22),
        (1, 1): (0.50, 0.44)}.items() for v in cell]
split = anova_lm(smf.ols("y ~ C(a) * C(b)", pd.DataFrame(grid, columns=["a", "b", "y"])).fit())
print("grid", split.assign(share=split.sum_sq / split.sum_sq.sum()).to_string(float_format="%.12g"))
print("items", *proportion_confint(60, 200, method="beta"), *proportion_confint(50, 200, method="beta"))
