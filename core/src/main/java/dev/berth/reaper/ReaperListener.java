package dev.berth.reaper;

/** Hears what a reaper does, on the thread that does it. One that throws breaks nothing. */
@FunctionalInterface
public interface ReaperListener {
    /**
     * Hears of an event.
     *
     * @param event the event
     */
    void on(ReaperEvent event);
}
