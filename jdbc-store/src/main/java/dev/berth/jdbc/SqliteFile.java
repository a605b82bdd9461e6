package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The file of an SQLite database, and the words that tell it from a copy.
 *
 * @param path the file's real path
 * @param place the path and what the file system knows the file by
 */
record SqliteFile(Path path, String place) {
    private static final String SCHEME = "jdbc:sqlite:";
    private static final String SUPPORTED = "a file, as in jdbc:sqlite:berth.db";

    /**
     * Finds the file of a URL and makes it where it is not there yet.
     *
     * <p>The file is made here because the driver would not do it safely: it makes the file and deletes it again to see
     * whether it could, which can take away the file that another process has just begun to fill (sqlite-jdbc 3.54,
     * {@code SQLiteConnection.open}). And it is never opened here if it exists: closing it would end the locks that
     * SQLite holds on it in this process (sqlite.org/howtocorrupt.html, 2.2).
     */
    static SqliteFile of(String url) {
        Path given = path(url);
        try {
            try {
                Files.createFile(given);
            } catch (FileAlreadyExistsException present) {
                if (Files.isDirectory(given)) {
                    throw InvalidInputException.of("database url", url, "a file; this is a directory");
                }
            }
            return at(given);
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    "the database file " + given + " can be neither made nor found (" + e
                            + "); see to its directory and its permissions",
                    StoreUnavailableException.Outcome.NOT_DONE,
                    StoreUnavailableException.Retry.NEVER,
                    e);
        }
    }

    /** The file that a connection is to, which is there. */
    static SqliteFile at(Path file) {
        try {
            Path real = file.toRealPath();
            return new SqliteFile(real, "sqlite " + real + " " + key(real));
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    "the database file " + file + " cannot be found (" + e + "); a ledger needs a file, not memory",
                    StoreUnavailableException.Outcome.NOT_DONE,
                    StoreUnavailableException.Retry.NEVER,
                    e);
        }
    }

    private static Path path(String url) {
        String file = url.substring(SCHEME.length());
        if (file.isBlank() || file.startsWith(":") || file.startsWith("file:") || file.contains("?")) {
            // Parameters may be secrets.
            throw InvalidInputException.of(
                    "database url",
                    url.replaceFirst("\\?.*", "?..."),
                    SUPPORTED + "; not in memory, not as a URI, and without parameters");
        }
        try {
            return Path.of(file).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw InvalidInputException.of("database url", url, SUPPORTED);
        }
    }

    /** The inode, which a copy does not share; where there is none, the time of creation. Not the device: it changes. */
    private static String key(Path real) throws IOException {
        try {
            return "inode " + Files.getAttribute(real, "unix:ino");
        } catch (UnsupportedOperationException | IllegalArgumentException notUnix) {
            return "created " + Files.getAttribute(real, "creationTime");
        }
    }

    /** The URL under which every process opens the same file. */
    String url() {
        return SCHEME + path;
    }
}
