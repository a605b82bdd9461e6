package dev.berth.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every Java example of the README, of the guides and of Javadoc compiles against the library as it is. */
class DocumentedExamplesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern FENCED = Pattern.compile("^```java\\R(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern IN_JAVADOC = Pattern.compile("<pre>\\{@code(.*?)\\}</pre>", Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "static org.assertj.core.api.Assertions",
                    "dev.berth",
                    "dev.berth.docker",
                    "dev.berth.jdbc",
                    "dev.berth.ledger",
                    "dev.berth.name",
                    "dev.berth.port",
                    "dev.berth.proxmox",
                    "dev.berth.reaper",
                    "dev.berth.runtime",
                    "dev.berth.sync",
                    "dev.berth.testkit",
                    "dev.berth.testkit.proxmox",
                    "java.net",
                    "java.nio.file",
                    "java.time",
                    "java.util")
            .map(what -> "import " + what + ".*;\n")
            .collect(Collectors.joining());

    /** What examples may take for granted, as an application has it. */
    private static final String APPLICATION =
            "abstract class Application { javax.sql.DataSource dataSource; String secret; ResourceLedger ledger; ContainerRuntime<FakeSpec> runtime; }\n";

    @TempDir
    private Path classes;

    record Example(String where, String code) {
        @Override
        public String toString() {
            return where;
        }
    }

    static Stream<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        collect(examples, ROOT.resolve("README.md"), FENCED);
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .forEach(path -> collect(examples, path, FENCED));
        }
        for (String module : List.of("core", "jdbc-store", "docker-adapter", "proxmox-adapter", "testkit")) {
            try (Stream<Path> sources = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                sources.filter(path -> path.toString().endsWith(".java"))
                        .sorted()
                        .forEach(path -> collect(examples, path, IN_JAVADOC));
            }
        }
        return examples.stream();
    }

    private static void collect(List<Example> examples, Path file, Pattern pattern) {
        try {
            Matcher matcher = pattern.matcher(Files.readString(file));
            while (matcher.find()) {
                String code =
                        pattern == IN_JAVADOC ? matcher.group(1).replaceAll("(?m)^\\s*\\* ?", "") : matcher.group(1);
                examples.add(new Example(ROOT.relativize(file) + " #" + (examples.size() + 1), code));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void compiles(Example example) {
        assertThat(problems(example.code())).as(example.code()).isEmpty();
    }

    static Stream<Example> tests() throws IOException {
        return examples().filter(example -> example.where().contains("testing.md"));
    }

    /** What a guide shows as a test passes. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("tests")
    void passes(Example example) throws ReflectiveOperationException, IOException {
        assertThat(problems(example.code())).as(example.code()).isEmpty();

        try (var loader = new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            Constructor<?> constructor = loader.loadClass("Example").getDeclaredConstructor();
            constructor.setAccessible(true);
            Method test = constructor.getDeclaringClass().getDeclaredMethod("example");
            test.setAccessible(true);
            test.invoke(constructor.newInstance());
        }
    }

    @Test
    void theReadmeHasExamples() throws IOException {
        assertThat(examples().filter(example -> example.where().startsWith("README.md")))
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void anExampleThatIsWrongIsFound() {
        assertThatThrownBy(() -> compiles(new Example("wrong", "var ledger = ResourceLedger.inMemroy();")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("inMemroy");
    }

    /** An example is a whole source file, type declarations, or statements. */
    private List<String> problems(String code) {
        boolean file = code.lines().anyMatch(line -> line.startsWith("package ") || line.startsWith("import "));
        boolean types = Pattern.compile("(?m)^(public |final |abstract )*(class|record|interface|enum) ")
                .matcher(code)
                .find();
        String source = file
                ? code
                : types
                        ? IMPORTS + code
                        : IMPORTS + APPLICATION
                                + "class Example extends Application { void example() throws Exception {\n" + code
                                + "\n} }";
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        var unit = new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        ToolProvider.getSystemJavaCompiler()
                .getTask(
                        null,
                        null,
                        diagnostics,
                        List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"),
                        null,
                        List.of(unit))
                .call();
        return diagnostics.getDiagnostics().stream()
                .filter(found -> found.getKind() == javax.tools.Diagnostic.Kind.ERROR)
                .map(found -> found.toString())
                .toList();
    }
}
