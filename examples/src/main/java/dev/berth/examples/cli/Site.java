package dev.berth.examples.cli;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.ResourceLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The database of an example: the one that {@code BERTH_DB} names, else a file of SQLite in the working directory; or, beside
 * an engine that ends with this process, one that ends with it.
 */
public final class Site implements AutoCloseable {
    /** The variable that names a database, by its JDBC URL. */
    public static final String VARIABLE = "BERTH_DB";

    private final String told;
    private final ResourceLedger ledger;
    private final Path passing;

    private Site(String told, ResourceLedger ledger, Path passing) {
        this.told = told;
        this.ledger = ledger;
        this.passing = passing;
    }

    /**
     * Opens the database.
     *
     * @param name what the file is called, without its ending
     * @param engine the engine that it is used beside
     * @param environment the variables
     * @return the site
     */
    public static Site open(String name, ExampleEngine<?> engine, Map<String, String> environment) throws IOException {
        Path passing = Files.createTempDirectory("berth-" + name);
        Path file = engine.lasting() ? Path.of(name + ".db") : passing.resolve(name + ".db");
        String url = environment.getOrDefault(VARIABLE, "jdbc:sqlite:" + file);
        var ledger = ResourceLedger.on(JdbcLedgerStore.open(url));
        String database = environment.containsKey(VARIABLE)
                ? "the database of " + VARIABLE
                : engine.lasting() ? "the file " + file : "a file of SQLite, for as long as this runs";
        return new Site("Engine: " + engine.told() + ". Ledger: " + database + ".", ledger, passing);
    }

    /**
     * Gives the ledger.
     *
     * @return the ledger; it is closed with the site
     */
    public ResourceLedger ledger() {
        return ledger;
    }

    /**
     * Tells where the example works.
     *
     * @return the engine and the database, for people
     */
    @Override
    public String toString() {
        return told;
    }

    @Override
    public void close() throws IOException {
        ledger.close();
        Directories.delete(passing);
    }
}
