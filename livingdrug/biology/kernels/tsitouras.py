"""One step of Tsit5 for all lanes: an explicit pair of order 5(4), seven stages, with an order-4 interpolant.

Tsitouras, Computers & Mathematics with Applications 62:770-775 (2011). K holds h × rate, so that lanes with different step
sizes share one loop. The explicit method loses to stiffness; Hairer & Wanner's estimate h|λ| ≈ ‖k7 - k6‖ / ‖y7 - y6‖
(Solving ODEs II, section IV.2) is kept in STIFF.
"""

from livingdrug.biology.kernels.shape import (
    BLOCK,
    YN,
    F,
    K,
    Q,
    R,
    U,
    Y,
    compiled,
    increment,
    judge,
    stiffness,
)

A21 = 0.161
A31, A32 = -0.008480655492356989, 0.335480655492357
A41, A42, A43 = 2.8971530571054935, -6.359448489975075, 4.3622954328695815
A51, A52, A53, A54 = 5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525
A61, A62, A63, A64, A65 = (
    5.86145544294642,
    -12.92096931784711,
    8.159367898576159,
    -0.071584973281401,
    -0.028269050394068383,
)
A71, A72, A73, A74, A75, A76 = (
    0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774,
)  # fmt: skip
E1, E2, E3, E4, E5, E6, E7 = (
    -0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629, 0.5823571654525552,
    -0.45808210592918697, 0.015151515151515152,
)  # fmt: skip
D11, D12, D13, D14 = 1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216
D22, D23, D24 = 0.13169999999999998, -0.2234, 0.1017
D32, D33, D34 = 3.9302962368947516, -5.941033872131505, 2.490627285651253
D42, D43, D44 = -12.411077166933676, 30.33818863028232, -16.548102889244902
D52, D53, D54 = 37.50931341651104, -88.1789048947664, 47.37952196281928
D62, D63, D64 = -27.896526289197287, 65.09189467479366, -34.87065786149661
D72, D73, D74 = 1.5, -4.0, 2.5
TIMES = (0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0)
K1, K2, K3, K4 = K, K + BLOCK, K + 2 * BLOCK, K + 3 * BLOCK
K5, K6, K7 = K + 4 * BLOCK, K + 5 * BLOCK, K + 6 * BLOCK


@compiled
def step(w):
    """From Y at T to YN at T + H; K holds h × rates, R the error estimate, ERR its norm."""
    for j in range(BLOCK):
        w[U + j] = w[Y + j]
    increment(w, TIMES[0])
    for j in range(BLOCK):
        k1 = w[F + j]
        w[K1 + j] = k1
        w[U + j] = w[Y + j] + A21 * k1
    increment(w, TIMES[1])
    for j in range(BLOCK):
        k1, k2 = w[K1 + j], w[F + j]
        w[K2 + j] = k2
        w[U + j] = w[Y + j] + A31 * k1 + A32 * k2
    increment(w, TIMES[2])
    for j in range(BLOCK):
        k1, k2, k3 = w[K1 + j], w[K2 + j], w[F + j]
        w[K3 + j] = k3
        w[U + j] = w[Y + j] + A41 * k1 + A42 * k2 + A43 * k3
    increment(w, TIMES[3])
    for j in range(BLOCK):
        k1, k2, k3, k4 = w[K1 + j], w[K2 + j], w[K3 + j], w[F + j]
        w[K4 + j] = k4
        w[U + j] = w[Y + j] + A51 * k1 + A52 * k2 + A53 * k3 + A54 * k4
    increment(w, TIMES[4])
    for j in range(BLOCK):
        k1, k2, k3, k4, k5 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j], w[F + j]
        w[K5 + j] = k5
        w[U + j] = w[Y + j] + A61 * k1 + A62 * k2 + A63 * k3 + A64 * k4 + A65 * k5
    increment(w, TIMES[5])
    for j in range(BLOCK):
        k1, k2, k3, k4, k5, k6 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j], w[K5 + j], w[F + j]
        w[K6 + j] = k6
        w[R + j] = w[U + j]
        w[YN + j] = w[Y + j] + A71 * k1 + A72 * k2 + A73 * k3 + A74 * k4 + A75 * k5 + A76 * k6
        w[U + j] = w[YN + j]
    increment(w, TIMES[6])
    stiffness(w)
    for j in range(BLOCK):
        k1, k2, k3, k4, k5, k6, k7 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j], w[K5 + j], w[K6 + j], w[F + j]
        w[K7 + j] = k7
        w[R + j] = E1 * k1 + E2 * k2 + E3 * k3 + E4 * k4 + E5 * k5 + E6 * k6 + E7 * k7
    judge(w)


@compiled
def dense(w):
    """Q1…Q4 of y(θ) = Y + θ(Q1 + θ(Q2 + θ(Q3 + θQ4))), the order-4 interpolant of the last step."""
    for j in range(BLOCK):
        k1, k2, k3, k4 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j]
        k5, k6, k7 = w[K5 + j], w[K6 + j], w[K7 + j]
        w[Q + j] = D11 * k1
        w[Q + BLOCK + j] = D12 * k1 + D22 * k2 + D32 * k3 + D42 * k4 + D52 * k5 + D62 * k6 + D72 * k7
        w[Q + 2 * BLOCK + j] = D13 * k1 + D23 * k2 + D33 * k3 + D43 * k4 + D53 * k5 + D63 * k6 + D73 * k7
        w[Q + 3 * BLOCK + j] = D14 * k1 + D24 * k2 + D34 * k3 + D44 * k4 + D54 * k5 + D64 * k6 + D74 * k7
