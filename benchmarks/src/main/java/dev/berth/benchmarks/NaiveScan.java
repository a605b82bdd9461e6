package dev.berth.benchmarks;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What applications write instead of using a ledger: a few maps under one lock, and a loop from the first port to the
 * last. It has neither history nor tokens, nothing expires, and a second caller of the same name is not noticed: it does
 * as little as the job allows, so that the comparison is in its favour.
 */
final class NaiveScan {
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^a-z0-9_-]+");

    private final Map<Integer, String> ports = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, String> paths = new HashMap<>();

    /** What one application got. */
    record Deployment(String name, String path, int backend, int frontend) {}

    synchronized int claimPort(String owner) {
        for (int port = Ports.FIRST; port <= Ports.LAST; port++) {
            if (!ports.containsKey(port)) {
                ports.put(port, owner);
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + Ports.FIRST + " to " + Ports.LAST);
    }

    synchronized void releasePort(int port) {
        ports.remove(port);
    }

    synchronized Deployment claimWhole(String owner, String user, String app) {
        String plain = NOT_IN_NAMES
                .matcher((user + "-" + app).toLowerCase(Locale.ROOT))
                .replaceAll("-");
        String name = plain;
        for (int next = 2; names.containsKey(name); next++) {
            name = plain + "-" + next;
        }
        String path = "/" + user + "/" + app;
        if (paths.containsKey(path)) {
            throw new IllegalStateException(path + " belongs to " + paths.get(path));
        }
        for (int backend = Ports.BACKEND, frontend = Ports.FRONTEND;
                frontend <= Ports.LAST;
                backend += Ports.STEP, frontend += Ports.STEP) {
            if (!ports.containsKey(backend) && !ports.containsKey(frontend)) {
                var deployment = new Deployment(name, path, backend, frontend);
                hold(owner, deployment);
                return deployment;
            }
        }
        throw new IllegalStateException("no free pair of ports up to " + Ports.LAST);
    }

    synchronized void releaseWhole(Deployment deployment) {
        names.remove(deployment.name());
        paths.remove(deployment.path());
        ports.remove(deployment.backend());
        ports.remove(deployment.frontend());
    }

    /** Takes over a port that is in use already. */
    synchronized void hold(String owner, int port) {
        ports.put(port, owner);
    }

    /** Takes over an application that runs already. */
    synchronized void hold(String owner, Deployment deployment) {
        names.put(deployment.name(), owner);
        paths.put(deployment.path(), owner);
        ports.put(deployment.backend(), owner);
        ports.put(deployment.frontend(), owner);
    }

    synchronized int portsInUse() {
        return ports.size();
    }
}
