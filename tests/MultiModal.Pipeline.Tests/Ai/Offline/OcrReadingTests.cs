using MultiModal.Pipeline.Ai.Offline;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

public sealed class OcrReadingTests
{
    private static readonly OcrReading First = OcrReading.Read(Tsv((1, 10, "the"), (1, 60, "ferry"), (3, 10, "nine")));

    [Fact]
    public void What_a_second_reading_sees_where_the_first_has_words_is_not_added() =>
        Assert.Equal("the ferry\nnine", First.With(OcrReading.Read(Tsv((1, 12, "tho"), (3, 8, "mine")))).Text);

    [Fact]
    public void Words_that_continue_a_line_are_added_to_it() =>
        Assert.Equal("the ferry leaves\nat nine", First.With(OcrReading.Read(Tsv((1, 110, "leaves"), (3, -40, "at")))).Text);

    [Fact]
    public void Lines_between_and_after_are_put_where_they_stand() =>
        Assert.Equal("the ferry\nleaves\nnine\nsharp", First.With(OcrReading.Read(Tsv((4, 10, "sharp"), (2, 10, "leaves")))).Text);

    [Fact]
    public void Where_the_first_has_nothing_lines_come_from_top_to_bottom() =>
        Assert.Equal("the ferry\nleaves", OcrReading.Nothing.With(OcrReading.Read(Tsv((2, 10, "leaves"), (1, 60, "ferry"), (1, 10, "the")))).Text);

    [Fact]
    public void Words_that_tesseract_is_not_sure_of_do_not_count()
    {
        var reading = OcrReading.Read(Tsv((1, 10, "the")) + "5\t1\t1\t1\t9\t1\t0\t0\t9\t9\t20.5\tXq");
        Assert.Equal(("the", 3, 5, false), (reading.Text, reading.Confident, reading.All, reading.IsSure));
    }

    /// <summary>Rows of tesseract's table: words of 40 × 20 pixels, each line 40 pixels below the one before.</summary>
    private static string Tsv(params (int Line, int Left, string Word)[] words) =>
        string.Concat(words.Select(w => $"5\t1\t1\t1\t{w.Line}\t1\t{w.Left}\t{w.Line * 40}\t40\t20\t95.5\t{w.Word}\n"));
}
