"""Keras 3 fit on the torch backend; "overfit" as an argument: few samples, many epochs."""
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np

overfit = sys.argv[1:] == ["overfit"]
keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
n, width, epochs = (300, 256, 40) if overfit else (3000, 64, 12)
x = rng.normal(size=(n + 1000, 24)).astype("float32")
y = (x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + (0.6 if overfit else 0.2)
     * rng.normal(size=n + 1000) > 0).astype("float32")
model = keras.Sequential([keras.layers.Dense(width, activation="relu"),
                          keras.layers.Dense(width, activation="relu"),
                          keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer=keras.optimizers.Adam(1e-3 if overfit else 2e-3), loss="binary_crossentropy",
              metrics=["accuracy"])
model.fit(x[:n], y[:n], validation_data=(x[n:], y[n:]), epochs=epochs, batch_size=64 if overfit else 256)
