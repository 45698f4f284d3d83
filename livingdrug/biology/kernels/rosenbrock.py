"""One step of Rodas5P for all lanes: order 5, eight stages, L-stable, with an order-4 interpolant that fits stiff problems.

Steinebach, BIT Numerical Mathematics 63:27 (2023), doi 10.1007/s10543-023-00967-x. In the transformed form used here each
stage solves (I/(hγ) - J) kₛ = f(t + αₛh, y + Σ aₛⱼkⱼ) + Σ (cₛⱼ/h) kⱼ + γₛ h ∂f/∂t, and the last increment is the error.
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
    factor,
    judge,
    stage,
)

A21 = 3.0
A31, A32 = 2.849394379747939, 0.45842242204463923
A41, A42, A43 = -6.954028509809101, 2.489845061869568, -10.358996098473584
A51, A52, A53, A54 = 2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641
A61, A62, A63, A64, A65 = (
    -7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946,
)  # fmt: skip
C21 = -14.155112264123755
C31, C32 = -17.97296035885952, -2.859693295451294
C41, C42, C43 = 147.12150275711716, -1.41221402718213, 71.68940251302358
C51, C52, C53, C54 = 165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306
C61, C62, C63, C64, C65 = (
    24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471,
)  # fmt: skip
C71, C72, C73, C74, C75, C76 = (
    30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623, -28.087943162872662,
)  # fmt: skip
C81, C82, C83, C84, C85, C86, C87 = (
    37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002, -54.66780262877968,
    -9.48861652309627,
)  # fmt: skip
TIMES = (0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1.0, 1.0, 1.0)
WEIGHTS = (
    0.21193756319429014,
    -0.42387512638858027,
    -0.3384627126235924,
    1.8046452872882734,
    2.325825639765069,
    0.0,
    0.0,
    0.0,
)
D21, D22, D23, D24, D25, D26, D27, D28 = (
    25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073, 1.1241088310450404,
    0.4272876194431874, -0.17202221070155493,
)  # fmt: skip
D31, D32, D33, D34, D35, D36, D37, D38 = (
    -9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044, 15.98066361424651,
    -6.789040303419874, -6.710236069923372,
)  # fmt: skip
D41, D42, D43, D44, D45, D46, D47, D48 = (
    11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654, -59.78993625266729,
    -0.15582684282751913, 4.883087185713722,
)  # fmt: skip
K1, K2, K3, K4 = K, K + BLOCK, K + 2 * BLOCK, K + 3 * BLOCK
K5, K6, K7, K8 = K + 4 * BLOCK, K + 5 * BLOCK, K + 6 * BLOCK, K + 7 * BLOCK


@compiled
def step(w):
    """From Y at T to YN at T + H; K holds the increments, R the error estimate, ERR its norm."""
    factor(w)
    for j in range(BLOCK):
        w[U + j] = w[Y + j]
        w[R + j] = 0.0
    stage(w, TIMES[0], WEIGHTS[0])
    for j in range(BLOCK):
        k1 = w[F + j]
        w[K1 + j] = k1
        w[U + j] = w[Y + j] + A21 * k1
        w[R + j] = C21 * k1
    stage(w, TIMES[1], WEIGHTS[1])
    for j in range(BLOCK):
        k1, k2 = w[K1 + j], w[F + j]
        w[K2 + j] = k2
        w[U + j] = w[Y + j] + A31 * k1 + A32 * k2
        w[R + j] = C31 * k1 + C32 * k2
    stage(w, TIMES[2], WEIGHTS[2])
    for j in range(BLOCK):
        k1, k2, k3 = w[K1 + j], w[K2 + j], w[F + j]
        w[K3 + j] = k3
        w[U + j] = w[Y + j] + A41 * k1 + A42 * k2 + A43 * k3
        w[R + j] = C41 * k1 + C42 * k2 + C43 * k3
    stage(w, TIMES[3], WEIGHTS[3])
    for j in range(BLOCK):
        k1, k2, k3, k4 = w[K1 + j], w[K2 + j], w[K3 + j], w[F + j]
        w[K4 + j] = k4
        w[U + j] = w[Y + j] + A51 * k1 + A52 * k2 + A53 * k3 + A54 * k4
        w[R + j] = C51 * k1 + C52 * k2 + C53 * k3 + C54 * k4
    stage(w, TIMES[4], WEIGHTS[4])
    for j in range(BLOCK):
        k1, k2, k3, k4, k5 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j], w[F + j]
        w[K5 + j] = k5
        w[U + j] = w[Y + j] + A61 * k1 + A62 * k2 + A63 * k3 + A64 * k4 + A65 * k5
        w[R + j] = C61 * k1 + C62 * k2 + C63 * k3 + C64 * k4 + C65 * k5
    stage(w, TIMES[5], WEIGHTS[5])
    for j in range(BLOCK):
        k1, k2, k3, k4, k5, k6 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j], w[K5 + j], w[F + j]
        w[K6 + j] = k6
        w[U + j] = w[U + j] + k6
        w[R + j] = C71 * k1 + C72 * k2 + C73 * k3 + C74 * k4 + C75 * k5 + C76 * k6
    stage(w, TIMES[6], WEIGHTS[6])
    for j in range(BLOCK):
        k1, k2, k3, k4, k5, k6, k7 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j], w[K5 + j], w[K6 + j], w[F + j]
        w[K7 + j] = k7
        w[U + j] = w[U + j] + k7
        w[R + j] = C81 * k1 + C82 * k2 + C83 * k3 + C84 * k4 + C85 * k5 + C86 * k6 + C87 * k7
    stage(w, TIMES[7], WEIGHTS[7])
    for j in range(BLOCK):
        k8 = w[F + j]
        w[K8 + j] = k8
        w[YN + j] = w[U + j] + k8
        w[R + j] = k8
    judge(w)


@compiled
def dense(w):
    """Q1…Q4 of y(θ) = Y + θ(Q1 + θ(Q2 + θ(Q3 + θQ4))), the order-4 interpolant of the last step."""
    for j in range(BLOCK):
        k1, k2, k3, k4 = w[K1 + j], w[K2 + j], w[K3 + j], w[K4 + j]
        k5, k6, k7, k8 = w[K5 + j], w[K6 + j], w[K7 + j], w[K8 + j]
        d2 = D21 * k1 + D22 * k2 + D23 * k3 + D24 * k4 + D25 * k5 + D26 * k6 + D27 * k7 + D28 * k8
        d3 = D31 * k1 + D32 * k2 + D33 * k3 + D34 * k4 + D35 * k5 + D36 * k6 + D37 * k7 + D38 * k8
        d4 = D41 * k1 + D42 * k2 + D43 * k3 + D44 * k4 + D45 * k5 + D46 * k6 + D47 * k7 + D48 * k8
        w[Q + j] = w[YN + j] - w[Y + j] + d2
        w[Q + BLOCK + j] = d3 - d2
        w[Q + 2 * BLOCK + j] = d4 - d3
        w[Q + 3 * BLOCK + j] = -d4
