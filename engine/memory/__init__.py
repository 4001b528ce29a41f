"""How much memory a model needs: weights, KV cache, activations, training. Integers only."""
