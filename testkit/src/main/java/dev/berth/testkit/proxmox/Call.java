package dev.berth.testkit.proxmox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A method being called: on which machine, by whom, with what. */
record Call(Cluster cluster, Machine machine, Caller caller, long arrived, Map<String, String> values) {
    /** A list, and how many there are when it was cut. */
    record Page(List<?> rows, int total) {}

    /** What a method does. The answer is what becomes {@code data}. */
    interface Code {
        Object answer(Call call) throws Refusal;
    }

    /** What must be allowed before a method is called; the machine is the one that was asked. */
    interface Gate {
        void check(Call call) throws Refusal;
    }

    /** Stands for the null that changes answer with. */
    static final Object NOTHING = new Object();

    String value(String name) {
        return find(name).orElse("");
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    boolean isSet(String name) {
        return "1".equals(values.get(name));
    }

    int id() {
        return Integer.parseInt(value("vmid"));
    }

    boolean may(String path, String privilege) {
        return cluster.access.may(caller, path, privilege);
    }

    boolean may(int guest, String privilege) {
        return cluster.may(caller, guest, privilege);
    }

    /** Goes on only with a privilege at a path. */
    void require(String path, String privilege) throws Refusal {
        if (!may(path, privilege)) {
            throw Refusal.forbidden(path, privilege);
        }
    }

    void requireQuorum() throws Refusal {
        if (!cluster.isQuorate(machine)) {
            throw Refusal.error("cluster not ready - no quorum?");
        }
    }

    Map<String, Object> envelope(Object answer, String format) {
        Map<String, Object> envelope = new LinkedHashMap<>();
        if (answer instanceof Page page) {
            envelope.put("data", page.rows());
            if (page.total() > 0) {
                envelope.put("total", page.total());
            }
        } else {
            envelope.put("data", answer == NOTHING ? null : answer);
        }
        if (format.equals("extjs")) {
            envelope.put("success", 1);
        }
        return envelope;
    }
}
