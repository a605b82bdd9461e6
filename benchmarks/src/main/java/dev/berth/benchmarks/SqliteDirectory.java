package dev.berth.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/** A directory of SQLite files; SQLite has no process of its own. */
final class SqliteDirectory implements Server {
    private final Path directory;
    private final String title;

    private SqliteDirectory(Path directory) throws SQLException {
        this.directory = directory;
        try (var connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            title = "SQLite " + connection.getMetaData().getDatabaseProductVersion() + ", WAL, synchronous FULL";
        }
    }

    static SqliteDirectory make() throws IOException, SQLException {
        return new SqliteDirectory(Files.createTempDirectory("berth-benchmark-sqlite"));
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String fresh(String name) {
        return "jdbc:sqlite:" + directory.resolve(name + ".db");
    }

    @Override
    public void drop(String name) {
        delete(name + ".db");
    }

    /** Deletes a directory of files. */
    static void deleteAll(Path directory) throws IOException {
        delete(directory, "");
        Files.deleteIfExists(directory);
    }

    private void delete(String prefix) {
        delete(directory, prefix);
    }

    private static void delete(Path directory, String prefix) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix))
                    .toList();
            for (Path file : found) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long cpuMicros() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        deleteAll(directory);
    }
}
