package dev.berth.torture;

import dev.berth.jdbc.Await;
import dev.berth.jdbc.Database;
import dev.berth.jdbc.Servers;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/** A MariaDB Galera cluster that {@code galera.sh} has started; workers write on each of its nodes. */
final class Galera implements Arena {
    private static final String SCRIPT = System.getProperty("berth.galera", "galera.sh");
    private static final String USER = "berth";
    private static final int CUT_OFF_SECONDS = 4;

    private final List<Database> nodes;
    private final String name;
    private final Random random = new Random();

    private Galera(List<Database> nodes, String name) {
        this.nodes = nodes;
        this.name = name;
    }

    static Galera open() throws Exception {
        List<Database> nodes =
                script("urls").lines().map(url -> new Database(url, USER, USER)).toList();
        if (nodes.isEmpty()) {
            String reason = "no Galera cluster answers: torture/galera.sh start";
            if (Servers.required(System.getProperty("berth.engines", "")).contains("galera")) {
                throw new AssertionError(reason);
            }
            Assumptions.abort("skipped: " + reason);
        }
        String name = "berth_" + UUID.randomUUID().toString().replace("-", "");
        execute(nodes.get(0), "CREATE DATABASE " + name);
        return new Galera(nodes, name);
    }

    private static String script(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", SCRIPT));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " failed: " + said);
        }
        return said;
    }

    private static void execute(Database node, String sql) throws SQLException {
        try (Connection connection = node.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int any() {
        return random.nextInt(nodes.size());
    }

    private void kill() throws Exception {
        String node = Integer.toString(1 + any());
        script("kill", node);
        script("start", node);
    }

    /** The others go on without it; it refuses everything until it is back. */
    private void cutOff() throws Exception {
        Database node = nodes.get(any());
        isolate(node, 1);
        TimeUnit.SECONDS.sleep(CUT_OFF_SECONDS);
        isolate(node, 0);
        Await.until("the node that was cut off is in step", () -> isInStep(node));
    }

    private static void isolate(Database node, int whether) throws SQLException {
        execute(node, "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=" + whether + "'");
    }

    private boolean isInStep(Database node) {
        String asked = "SELECT count(*) FROM information_schema.global_status"
                + " WHERE (variable_name = 'wsrep_cluster_size' AND variable_value = '" + nodes.size() + "')"
                + " OR (variable_name = 'wsrep_local_state_comment' AND variable_value = 'Synced')";
        try (Connection connection = node.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(asked)) {
            return rows.next() && rows.getInt(1) == 2;
        } catch (SQLException notYet) {
            return false;
        }
    }

    /** How often, on all nodes so far, a transaction lost against one of another node. */
    long conflicts() throws SQLException {
        long all = 0;
        for (Database node : nodes) {
            try (Connection connection = node.connect();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT sum(variable_value)"
                            + " FROM information_schema.global_status"
                            + " WHERE variable_name IN ('wsrep_local_cert_failures', 'wsrep_local_bf_aborts')")) {
                rows.next();
                all += rows.getLong(1);
            }
        }
        return all;
    }

    @Override
    public Database database() {
        return nodes.get(0).named(name);
    }

    @Override
    public List<Database> ways() {
        return nodes.stream().map(node -> node.named(name)).toList();
    }

    @Override
    public Map<String, Blow> blows() {
        Map<String, Blow> blows = new LinkedHashMap<>();
        blows.put("node killed", this::kill);
        blows.put("node cut off", this::cutOff);
        return blows;
    }

    @Override
    public void mend() throws Exception {
        for (int i : IntStream.rangeClosed(1, nodes.size()).toArray()) {
            script("start", Integer.toString(i));
        }
    }

    @Override
    public void close() {
        try {
            execute(nodes.get(0), "DROP DATABASE " + name);
        } catch (SQLException left) {
            System.err.println("left behind: " + name + ": " + left);
        }
    }
}
