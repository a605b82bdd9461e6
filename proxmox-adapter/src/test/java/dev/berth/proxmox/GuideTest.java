package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The guide names a test for each trap, and there are such tests. */
class GuideTest {
    /** A class and a method, or one of them; a method alone is of the class before it. */
    private static final Pattern NAMED = Pattern.compile("`(?:([A-Z]\\w*Test)\\.)?([A-Za-z]\\w*)`");

    @Test
    void everyTrapNamesTestsThatExist() throws Exception {
        List<String> wrong = new ArrayList<>();
        int rows = 0;
        for (String line : Files.readAllLines(guide())) {
            String[] cells = line.split("\\|", -1);
            if (!line.startsWith("| ") || cells.length != 5 || !cells[3].contains("Test")) {
                continue;
            }
            if (!cells[3].strip().equals("Test")) {
                rows++;
                missing(cells[3]).forEach(name -> wrong.add(name + " in: " + line));
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(rows).isGreaterThan(30);
    }

    private static List<String> missing(String cell) {
        List<String> missing = new ArrayList<>();
        String type = "";
        for (Matcher named = NAMED.matcher(cell); named.find(); ) {
            type = named.group(1) == null ? type : named.group(1);
            boolean alone = named.group(1) == null && named.group(2).endsWith("Test");
            if (!(alone ? exists(named.group(2), "") : exists(type, named.group(2)))) {
                missing.add(type + "." + named.group(2));
            }
        }
        return missing;
    }

    private static boolean exists(String type, String method) {
        try {
            Class<?> found = Class.forName(GuideTest.class.getPackageName() + "." + type);
            return method.isEmpty()
                    || Arrays.stream(found.getDeclaredMethods())
                            .anyMatch(one -> one.getName().equals(method));
        } catch (ClassNotFoundException none) {
            return false;
        }
    }

    private static Path guide() {
        Path here = Path.of("docs", "guides", "proxmox.md");
        return Files.exists(here) ? here : Path.of("..").resolve(here);
    }
}
