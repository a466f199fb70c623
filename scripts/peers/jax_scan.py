"""JAX: the whole run of steps as one jit-compiled lax.scan; recurrent layers as an inner scan."""
import math

import common


def layers_of(jax, spec, shape):
    """(parameters, apply functions) of the layer list; images NCHW, sequences [batch, features, length]."""
    jnp, lax = jax.numpy, jax.lax
    keys = iter(jax.random.split(jax.random.PRNGKey(0), 64))
    parameters, calls = [], []

    def glorot(dims, fan_in, fan_out):
        limit = math.sqrt(6 / (fan_in + fan_out))
        return jax.random.uniform(next(keys), dims, minval=-limit, maxval=limit)

    def conv(layer, shape):
        kernel = layer["kernel"] if isinstance(layer["kernel"], list) else [layer["kernel"]]
        area, filters = math.prod(kernel), layer["filters"]
        weight = glorot((filters, shape[0], *kernel), area * shape[0], area * filters)
        act = {"relu": jax.nn.relu, "none": lambda x: x, "tanh": jnp.tanh}[layer["activation"]]

        def call(p, x):
            if len(kernel) == 1:  # XLA's own conv1d is 30 times slower on CPUs than a product per kernel cell
                outputs = x.shape[2] - kernel[0] + 1
                y = sum(jnp.einsum("ncl,oc->nol", x[:, :, k:k + outputs], p[0][:, :, k]) for k in range(kernel[0]))
            else:
                nhwc = lax.conv_general_dilated(x.transpose(0, 2, 3, 1), p[0].transpose(2, 3, 1, 0), (1, 1), "VALID",
                                                dimension_numbers=("NHWC", "HWIO", "NHWC"))  # XLA's fast way on CPUs
                y = nhwc.transpose(0, 3, 1, 2)
            return act(y + p[1].reshape(1, -1, *(1,) * len(kernel)))
        return (weight, jnp.zeros(filters)), call, (filters, *(s - k + 1 for s, k in zip(shape[1:], kernel)))

    def pool(layer, shape):
        size = layer["size"] if isinstance(layer["size"], list) else [layer["size"]]
        stride = layer["stride"] if isinstance(layer["stride"], list) else [layer["stride"]]

        def call(p, x):
            return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, *size), (1, 1, *stride), layer["padding"].upper())
        out = jax.eval_shape(lambda x: call(None, x), jax.ShapeDtypeStruct((1, *shape), jnp.float32)).shape[1:]
        return (), call, out

    def dense(layer, shape):
        return ((glorot((shape[0], layer["units"]), shape[0], layer["units"]), jnp.zeros(layer["units"])),
                lambda p, x: x @ p[0] + p[1], (layer["units"],))

    def recurrent(gates, cell):
        def make(layer, shape):
            h = layer["units"]
            p = (glorot((shape[0], gates * h), shape[0], gates * h), glorot((h, gates * h), h, gates * h),
                 jnp.zeros(gates * h), jnp.zeros(gates * h))

            def call(p, x):
                inputs = jnp.einsum("nfl,fg->lng", x, p[0]) + p[2]
                state = (jnp.zeros((x.shape[0], h)),) * 2
                state, outputs = lax.scan(lambda s, i: cell(jax, p, s, i), state, inputs)
                return state[0] if layer["return"] == "last" else outputs.transpose(1, 2, 0)
            return p, call, (h,) if layer["return"] == "last" else (h, shape[1])
        return make

    makers = {"conv2d": conv, "conv1d": conv, "max_pool2d": pool, "max_pool1d": pool, "dense": dense,
              "flatten": lambda l, s: ((), lambda p, x: x.reshape(x.shape[0], -1), (math.prod(s),)),
              "one_hot": lambda l, s: ((), lambda p, x: jax.nn.one_hot(x, l["depth"]).transpose(0, 2, 1), (l["depth"], s[0])),
              "embedding": lambda l, s: ((jax.random.uniform(next(keys), (spec["vocabulary"], l["units"]), minval=-.05, maxval=.05),),
                                         lambda p, x: p[0][x].transpose(0, 2, 1), (l["units"], s[0])),
              "gru": recurrent(3, gru_cell), "lstm": recurrent(4, lstm_cell), "rnn": recurrent(1, rnn_cell)}
    for layer in spec["model"]["layers"]:
        p, call, shape = makers[layer["type"]](layer, shape)
        parameters.append(p)
        calls.append(call)
    return parameters, calls


def gru_cell(jax, p, state, inputs):
    h, n = state[0], state[0].shape[1]
    recurrent = h @ p[1] + p[3]
    r = jax.nn.sigmoid(inputs[:, :n] + recurrent[:, :n])
    z = jax.nn.sigmoid(inputs[:, n:2 * n] + recurrent[:, n:2 * n])
    c = jax.numpy.tanh(inputs[:, 2 * n:] + r * recurrent[:, 2 * n:])
    h = z * h + (1 - z) * c
    return (h, h), h


def lstm_cell(jax, p, state, inputs):
    i, f, g, o = jax.numpy.split(inputs + state[0] @ p[1], 4, axis=1)
    c = jax.nn.sigmoid(f + 1) * state[1] + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
    h = jax.nn.sigmoid(o) * jax.numpy.tanh(c)
    return (h, c), h


def rnn_cell(jax, p, state, inputs):
    h = jax.numpy.tanh(inputs + state[0] @ p[1])
    return (h, h), h


class Model:
    def __init__(self, spec, threads, device):
        import os
        os.environ["XLA_FLAGS"] = ("--xla_cpu_multi_thread_eigen=" + ("false" if threads == 1 else "true")
                                   + f" intra_op_parallelism_threads={threads}")
        os.environ["JAX_PLATFORMS"] = device
        import jax
        precision = {"float32": "float32", "tf32": "tensorfloat32"}[spec["training"]["precision"]]
        jax.config.update("jax_default_matmul_precision", precision)
        self.jax, self.spec, self.state = jax, spec, None

    def loss(self, parameters, x, y):
        jax = self.jax
        x = x.astype("float32") / 255 if x.dtype == "uint8" else x
        for p, call in zip(parameters, self.calls):
            x = call(p, x)
        picked = jax.numpy.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1)
        return -picked.mean()

    def update(self, state, batch):
        jnp, tree, settings = self.jax.numpy, self.jax.tree_util.tree_map, self.spec["optimizer"]
        rate = settings["learning_rate"]
        w, m, v, t = state
        loss, g = self.jax.value_and_grad(self.loss)(w, *batch)
        t = t + 1
        if settings["type"] == "adam":
            m = tree(lambda a, b: 0.9 * a + 0.1 * b, m, g)
            v = tree(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
            scale = rate * jnp.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
            w = tree(lambda a, b, c: a - scale * b / (jnp.sqrt(c) + 1e-7), w, m, v)
        else:
            w = tree(lambda a, b: a - rate * b, w, g)
        return (w, m, v, t), loss

    def load(self, x, y):
        return self.jax.device_put((x, y.astype("int32")))

    def run(self, data):
        jax = self.jax
        if self.state is None:
            parameters, self.calls = layers_of(jax, self.spec, data[0].shape[2:])
            zeros = lambda: jax.tree_util.tree_map(jax.numpy.zeros_like, parameters)
            self.state = (parameters, zeros(), zeros(), 0.0)
            self.steps = jax.jit(lambda state, data: jax.lax.scan(self.update, state, data))
        self.state, losses = self.steps(self.state, data)
        return losses.tolist()


if __name__ == "__main__":
    common.main(Model)
