package dev.berth.jdbc;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/**
 * The database servers that tests run on. Each is started when a test first asks for it, shared by all tests of the
 * process, and stopped with the process.
 *
 * <p>A test that asks for a server that cannot run here is skipped, and says why. It fails instead if the system property
 * {@code berth.engines}, words with commas between, has the server's word.
 */
public final class Servers {
    /** Words of {@code berth.engines}; the first three are said here, and the others elsewhere. */
    private static final Set<String> ENGINES = Set.of(
            "postgresql",
            "postgresql-old",
            "mariadb",
            "sqlite",
            "h2",
            "galera",
            "docker",
            "dockerd",
            "podman",
            "compose");

    private static final Shared POSTGRES = new Shared("postgresql", PostgresServer::newest);
    private static final Shared OLD_POSTGRES = new Shared("postgresql-old", PostgresServer::oldest);
    private static final Shared MARIADB = new Shared("mariadb", MariadbServer::start);

    private Servers() {}

    /** The newest PostgreSQL, or the one that {@code BERTH_TEST_POSTGRESQL_URL}, {@code _USER}, {@code _PASSWORD} name. */
    public static Server postgres() {
        return POSTGRES.get();
    }

    /** The oldest PostgreSQL that can be had. */
    public static Server oldPostgres() {
        return OLD_POSTGRES.get();
    }

    /** A MariaDB, or the one that {@code BERTH_TEST_MARIADB_URL}, {@code _USER} and {@code _PASSWORD} name. */
    public static Server mariadb() {
        return MARIADB.get();
    }

    /** The server that is meant by a word of {@code berth.engines}. */
    public static Server of(String engine) {
        return switch (engine) {
            case "postgresql" -> postgres();
            case "postgresql-old" -> oldPostgres();
            case "mariadb" -> mariadb();
            default -> throw new IllegalArgumentException(engine);
        };
    }

    /** The engines that must be there. */
    public static Set<String> required(String words) {
        Set<String> required = Arrays.stream(words.split(","))
                .map(String::trim)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toSet());
        for (String word : required) {
            if (!ENGINES.contains(word)) {
                throw new IllegalArgumentException("berth.engines: no engine is called \"" + word + "\"; there are "
                        + ENGINES.stream().sorted().toList());
            }
        }
        return required;
    }

    /** The server that the environment names for an engine. */
    static Optional<Database> named(String engine, Map<String, String> environment) {
        String prefix = "BERTH_TEST_" + engine.toUpperCase(Locale.ROOT).replace('-', '_') + "_";
        return Optional.ofNullable(environment.get(prefix + "URL"))
                .map(url -> new Database(
                        url,
                        environment.getOrDefault(prefix + "USER", ""),
                        environment.getOrDefault(prefix + "PASSWORD", "")));
    }

    private static final class Shared {
        private final String engine;
        private final Callable<Server> starter;
        private Server server;
        private Throwable failure;

        Shared(String engine, Callable<Server> starter) {
            this.engine = engine;
            this.starter = starter;
        }

        synchronized Server get() {
            boolean required = required(System.getProperty("berth.engines", "")).contains(engine);
            if (server == null && failure == null) {
                try {
                    Optional<Database> named = named(engine, System.getenv());
                    server = named.isPresent() ? new NamedServer(named.get()) : starter.call();
                    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "end of " + engine));
                } catch (Exception | LinkageError cannotRun) {
                    failure = cannotRun;
                }
            }
            if (failure != null) {
                String reason = engine + " cannot run here: " + failure;
                if (required) {
                    throw new AssertionError(reason, failure);
                }
                Assumptions.abort("skipped: " + reason);
            }
            if (!server.isRunning()) {
                // A test has killed it, and then failed.
                server.restart();
            }
            return server;
        }
    }
}
