package dev.berth.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a module offers to everybody: the public types of the packages that it exports, and what can be called there. */
final class PublicApi {
    private PublicApi() {}

    /** The public types of the module that a type is of. */
    static List<Class<?>> typesOfModuleOf(Class<?> one) {
        try {
            URI place = one.getProtectionDomain().getCodeSource().getLocation().toURI();
            Path path = Path.of(place);
            if (Files.isDirectory(path)) {
                return types(path, one.getClassLoader());
            }
            try (FileSystem jar = FileSystems.newFileSystem(path, Map.of())) {
                return types(jar.getPath("/"), one.getClassLoader());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Class<?>> types(Path root, ClassLoader loader) throws IOException {
        Set<String> exported = exported(root);
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && name.indexOf('-') < 0)
                    .map(name -> name.substring(0, name.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .filter(name -> exported.isEmpty() || exported.contains(name.substring(0, name.lastIndexOf('.'))))
                    .map(name -> load(name, loader))
                    .filter(PublicApi::isPublic)
                    .sorted(Comparator.comparing(Class::getName))
                    .collect(Collectors.toCollection(ArrayList::new));
        }
    }

    /** Empty where there is no descriptor: then every package is open to all. */
    private static Set<String> exported(Path root) throws IOException {
        Path descriptor = root.resolve("module-info.class");
        if (!Files.exists(descriptor)) {
            return Set.of();
        }
        try (InputStream in = Files.newInputStream(descriptor)) {
            return ModuleDescriptor.read(in).exports().stream()
                    .filter(export -> !export.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
        }
    }

    private static Class<?> load(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()))
                && !type.isAnonymousClass();
    }

    /** Public constructors and methods that the type itself declares, default methods too. */
    static List<Executable> callable(Class<?> type) {
        List<Executable> all = new ArrayList<>();
        if (!Modifier.isAbstract(type.getModifiers())) {
            for (Constructor<?> constructor : type.getConstructors()) {
                all.add(constructor);
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())
                    && !method.isSynthetic()
                    && !isCompilersOwn(method)
                    && !(Modifier.isAbstract(method.getModifiers()) && type.isInterface() && !type.isSealed())) {
                all.add(method);
            }
        }
        all.sort(Comparator.comparing(PublicApi::name));
        return all;
    }

    /** Of an enum: what they do is Java's, not ours. */
    private static boolean isCompilersOwn(Method method) {
        return method.getDeclaringClass().isEnum()
                && Modifier.isStatic(method.getModifiers())
                && (method.getName().equals("valueOf") || method.getName().equals("values"));
    }

    /** Whether it is called without an instance. */
    static boolean isStatic(Executable called) {
        return called instanceof Constructor || Modifier.isStatic(called.getModifiers());
    }

    /** As a person would say it: {@code Claim.part(String)}. */
    static String name(Executable called) {
        return simple(called.getDeclaringClass())
                + (called instanceof Method ? "." + called.getName() : "")
                + Arrays.stream(called.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }

    static String simple(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }
}
