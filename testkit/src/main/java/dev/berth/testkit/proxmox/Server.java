package dev.berth.testkit.proxmox;

import dev.berth.testkit.proxmox.Machine.Daemon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What all endpoints of a cluster share: threads, waiting, and what tests have scripted. */
final class Server {
    private static final Duration MOST_PATIENCE = Duration.ofSeconds(10);

    final Cluster cluster;
    final Gateway gateway;
    private final ExecutorService threads;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<ScriptedAnswer> script = new ArrayList<>();
    private final ReentrantLock hanging = new ReentrantLock();
    private final Condition changed = hanging.newCondition();
    private volatile Optional<CountDownLatch> collision = Optional.empty();

    Server(Cluster cluster, Gateway gateway) {
        this.cluster = cluster;
        this.gateway = gateway;
        var count = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "fake-proxmox-" + cluster.name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    void run(Runnable work) {
        threads.execute(work);
    }

    boolean isClosed() {
        return closing.getCount() == 0;
    }

    void close() {
        closing.countDown();
        wake();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(MOST_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("a thread of fake cluster " + cluster.name + " does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits in the time of the wall; closing ends it. */
    void pause(Duration wait) throws InterruptedException {
        if (!wait.isZero()) {
            var unused = closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    // ------------------------------------------------------------------ hung proxies

    void wake() {
        hanging.lock();
        try {
            changed.signalAll();
        } finally {
            hanging.unlock();
        }
    }

    void waitWhileHung(Machine machine) throws InterruptedException {
        hanging.lock();
        try {
            while (!isClosed() && cluster.at(() -> machine.proxy == Daemon.HUNG)) {
                changed.await();
            }
        } finally {
            hanging.unlock();
        }
    }

    // ------------------------------------------------------------------ what is scripted

    ScriptedAnswer script(ScriptedAnswer answer) {
        synchronized (script) {
            script.add(answer);
        }
        return answer;
    }

    void forgetScript() {
        synchronized (script) {
            script.clear();
        }
    }

    Optional<ScriptedAnswer.Chosen> scripted(Request request) {
        synchronized (script) {
            for (ScriptedAnswer answer : script) {
                if (answer.takes(request)) {
                    return Optional.of(answer.chosen());
                }
            }
            return Optional.empty();
        }
    }

    void collide(int creations) {
        collision = Optional.of(new CountDownLatch(creations));
    }

    /** Says how many guests had been created when the request came; creations that shall collide wait for one another. */
    long arrive(Request request) throws InterruptedException {
        if (!request.method().equals("POST") || !request.path().matches("/nodes/[^/]+/(lxc|qemu)")) {
            return 0;
        }
        long before = cluster.at(() -> cluster.creations);
        Optional<CountDownLatch> others = collision;
        if (others.isPresent()) {
            others.get().countDown();
            var unused = others.get().await(MOST_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        return before;
    }
}
