"""Training in shards, here or on a cluster: consecutive parts of each minibatch, whose gradients are summed in order.

``nn.fit(..., shards=8)`` computes the gradient of a minibatch as the sum of those of eight parts of it, one after the
other. With ``client=``, a client of `Dask <https://distributed.dask.org>`_, the workers of its cluster compute them;
the sums, the optimiser, callbacks and checkpoints stay in the process that calls :func:`nn.fit`.

Minibatches are those of the same call without `shards`, and so is the result, up to the rounding of sums. The number of
shards is part of it, and of a checkpoint; workers are not. One process, two workers, a worker that dies in the middle
of a step and a training that is resumed give the same weights bit for bit, on one kind of processor and with one thread
for the matrix products of each process, ``OMP_NUM_THREADS=1``. In a shard, layers such as :class:`nn.Dropout` draw
random numbers of its own, so that a shard that is computed again draws the same. Layers that mix the samples of a
minibatch, such as :class:`nn.BatchNorm1d`, are refused. What a `forward` notes on its module or elsewhere stays on the
worker.

A cluster on this machine, in a script, whose workers import it, hence the last two lines::

    from distributed import Client, LocalCluster
    import nn

    def main():
        X, y = nn.data.stored("X.npy"), nn.data.stored("y.npy")
        model = nn.MLP([32, 512, 512, 4])
        with LocalCluster(threads_per_worker=1) as cluster, Client(cluster) as client:
            nn.fit(model, X, y, loss="mse", batch_size=8000, client=client, shards=8,
                   callbacks=[nn.Checkpoint("run.safetensors")], resume="run.safetensors")

    if __name__ == "__main__":
        main()

A task costs some 10 ms, and in each step the model travels to the workers and its gradients travel back, so that shards
of less than 100 ms are faster in one process. Several shards for each worker let a fast one do more of them than a slow
one. Arrays in memory are sent to the workers once. Of :func:`nn.data.stored` files the workers read by themselves the
rows that they need: each path must lead to the same file on every machine.

Several machines, with graphgrad installed on each and one number of threads, by ``dask scheduler`` on one of them,
``OMP_NUM_THREADS=1 dask worker tcp://first:8786 --nworkers 4 --nthreads 1`` on each, and then
``Client("tcp://first:8786")``; or by `SSHCluster <https://docs.dask.org/en/stable/deploying-ssh.html>`_,
``SSHCluster(["first", "second", "third"], worker_options={"n_workers": 4, "nthreads": 1})``, of which the first runs
the scheduler; or on Kubernetes by `dask-kubernetes <https://kubernetes.dask.org>`_. If there has been no worker for
``nn.parallel.cluster.PATIENCE`` seconds, 60 unless it is set, or the scheduler is gone, the training ends with a
:class:`ClusterError` that names the checkpoint to go on from.

Dask starts workers with ``MALLOC_TRIM_THRESHOLD_=65536``, so that they give freed memory back to the system at once and
page it in anew for the next array: 9,500 page faults in a shard of 2,000 samples at 512 hidden neurons, 1,500 without,
and a quarter more time (``scripts/bench/parallel.py``). This helps, before a cluster is made, on each machine that
starts workers::

    import os
    os.environ.update(MALLOC_TRIM_THRESHOLD_="1000000000", MALLOC_MMAP_THRESHOLD_="33554432")

or ``export MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_MMAP_THRESHOLD_=33554432`` before ``dask worker``. The first alone
does not help, since with it glibc maps each large array anew. ``LocalCluster(env=...)`` comes too late for both.
"""

from nn.parallel.cluster import ClusterError
from nn.parallel.shards import Shard, shard_gradient

__all__ = ["ClusterError", "Shard", "shard_gradient"]
