# SPDX-License-Identifier: MIT
"""keras.Model.fit on its torch backend: one line an epoch, or bars."""
import numpy as np

from kit import digits


class Faults:
    """Makes the callback that puts the fault in at the beginning of an epoch."""

    def __new__(cls, run, keras, model):
        class Put(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                run.clock.run(20)
                if epoch != run.get("at", -1):
                    return
                run.fault()
                if run.get("fault") == "lr-x100":
                    model.optimizer.learning_rate = float(model.optimizer.learning_rate) * 300
                if run.get("fault") == "nan-weights":
                    w = model.get_weights()
                    w[0][0, 0] = np.nan
                    model.set_weights(w)
                if run.get("fault") == "raise":
                    raise ValueError("Shapes (None, 10) and (None, 9) are incompatible")
        return Put()


def main(run):
    import keras
    keras.utils.set_random_seed(run.seed)
    run.clock.install()
    x, y = (a.numpy() for a in digits(run.seed))
    n = run.get("n", 1400)
    if run.get("labels") == "shuffled":
        run.fault()
        y = np.random.RandomState(run.seed).permutation(y)
    if run.get("labels") == "noisy":
        r = np.random.RandomState(run.seed)
        y = np.where(r.rand(len(y)) < 0.3, r.randint(0, 10, len(y)), y)
    if run.get("no_grad_reach"):
        run.fault()
    model = keras.Sequential([keras.layers.Dense(run.get("width", 48), activation="relu"),
                              keras.layers.Dropout(run.get("dropout", 0.0)),
                              keras.layers.Dense(run.get("width", 48), activation="relu"),
                              keras.layers.Dense(10, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(run.get("lr", 2e-3)), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    callbacks = [Faults(run, keras, model)]
    if run.get("terminate"):
        callbacks.append(keras.callbacks.TerminateOnNaN())
    if run.get("plateau"):
        callbacks.append(keras.callbacks.ReduceLROnPlateau(patience=3, verbose=1))
    if run.get("early"):
        callbacks.append(keras.callbacks.EarlyStopping(patience=4, verbose=1, restore_best_weights=True))
    if run.get("frozen"):
        run.fault()
        model.build((None, 64))
        model.trainable = False
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    val = None if run.get("no_val") else (x[1400:], y[1400:])
    model.fit(x[:n], y[:n], validation_data=val, epochs=run.get("epochs", 16),
              batch_size=run.get("batch", 64), verbose=run.get("verbose", 2), callbacks=callbacks)
