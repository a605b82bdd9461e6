package dev.berth.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FirstNotesTest {
    private static final int PAGE = 5_000;

    private final Random random = new Random(7);
    private final FirstNotes come = new FirstNotes();

    private List<Digest> page(int rows) {
        List<Digest> ids = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            ids.add(new Digest(random.nextLong(), random.nextLong()));
        }
        return ids;
    }

    @Test
    void whatComesByAgainIsAlwaysFound() {
        List<List<Digest>> pages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            List<Digest> ids = page(i == 0 ? 200 : PAGE);
            pages.add(ids);
            come.perhaps(ids);
        }
        for (List<Digest> ids : pages) {
            assertThat(come.perhaps(ids)).isEqualTo(ids);
        }
    }

    @Test
    void ofTheFirstPageNothingIsThere() {
        List<Digest> ids = page(200);

        assertThat(come.perhaps(ids)).isEmpty();
        assertThat(come.perhaps(ids)).isEqualTo(ids);
    }

    @Test
    void ofAMillionRowsFewAreLookedForInVain() {
        int vain = 0;
        for (int i = 0; i < 200; i++) {
            vain += come.perhaps(page(PAGE)).size();
        }
        assertThat(vain).isLessThan(200 * PAGE / 100);
    }
}
