package dev.berth.docker;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerConfigFile;
import dev.berth.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Contexts of Docker's command line. docker-java silently takes the engine of this host for a context that is not there, or
 * that it cannot read ({@code DockerContextMetaFile}, 3.7.1), where the command line refuses.
 */
final class Contexts {
    /** Has no file of its own, and means this host's engine. */
    private static final String DEFAULT = "default";

    private Contexts() {}

    /** Makes sure that the context which a configuration was to be read from is the one that it says. */
    static void requireKnown(Optional<String> named, DefaultDockerClientConfig config) {
        DockerConfigFile file = config.getDockerConfig();
        Optional<String> context = named.filter(name -> !name.isBlank())
                .or(() -> Optional.ofNullable(file.getCurrentContext()))
                .filter(name -> !name.isBlank() && !name.equals(DEFAULT));
        String path = config.getDockerConfigPath();
        if (context.isEmpty() || path == null) {
            return;
        }
        Path meta = Path.of(path, "contexts", "meta", digest(context.get()), "meta.json");
        if (!told(meta).contains("\"" + config.getDockerHost() + "\"")) {
            throw InvalidInputException.of(
                    "docker context",
                    context.get(),
                    "one whose " + meta + " names an engine, as `docker context ls` lists them; or name the engine by"
                            + " DOCKER_HOST");
        }
    }

    private static String told(Path meta) {
        try {
            return Files.readString(meta);
        } catch (IOException unreadable) {
            return "";
        }
    }

    private static String digest(String context) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(context.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
