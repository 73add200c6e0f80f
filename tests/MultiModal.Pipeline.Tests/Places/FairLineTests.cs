using MultiModal.Pipeline.Places;

namespace MultiModal.Pipeline.Tests.Places;

public sealed class FairLineTests
{
    private readonly List<string> served = [];

    [Fact]
    public async Task Short_work_goes_before_long_work()
    {
        await ServeAsync(Line(), ("a", "long", 5000), ("a", "short", 10), ("a", "medium", 300));
        Assert.Equal(["short", "medium", "long"], served);
    }

    [Fact]
    public async Task Work_of_equal_length_is_done_in_the_order_in_which_it_came()
    {
        await ServeAsync(Line(), ("a", "first", 10), ("a", "second", 10), ("a", "third", 10));
        Assert.Equal(["first", "second", "third"], served);
    }

    [Fact]
    public async Task Two_batches_take_turns_even_if_one_came_first_with_everything()
    {
        await ServeAsync(Line(), ("a", "a1", 10), ("a", "a2", 10), ("a", "a3", 10), ("b", "b1", 10), ("b", "b2", 10), ("b", "b3", 10));
        Assert.Equal(["a1", "b1", "a2", "b2", "a3", "b3"], served);
    }

    [Fact]
    public async Task Turns_are_counted_in_work_so_that_small_pictures_do_not_wait_for_a_document_each()
    {
        var pictures = Enumerable.Range(1, 10).Select(n => ("pictures", $"picture{n}", 100.0));
        await ServeAsync(Line(), [("papers", "document1", 1000), ("papers", "document2", 1000), .. pictures]);
        Assert.Equal("document1", served[0]);
        Assert.Equal("document2", served[^1]);
    }

    [Fact]
    public async Task A_long_piece_of_work_is_not_passed_over_for_ever()
    {
        var line = Line();
        var place = await line.TakeAsync("a", "kind", 1, CancellationToken.None);
        var waiting = WaitAsync(line, "a", "long", 5000);
        for (var n = 1; n <= FairLine.Patience; n++)
        {
            var next = line.TakeAsync("a", "kind", 10, CancellationToken.None);
            place.Dispose();
            place = await next;
            Assert.False(waiting.IsCompleted);
        }

        var late = WaitAsync(line, "a", "late", 10);
        place.Dispose();
        await Task.WhenAll(waiting, late);
        Assert.Equal(["long", "late"], served);
    }

    [Fact]
    public async Task A_batch_that_has_been_given_much_is_not_held_up_by_new_batches_without_end()
    {
        var line = Line();
        using (await line.TakeAsync("large", "kind", 1000, CancellationToken.None))
        {
        }

        var place = await line.TakeAsync("large", "kind", 1000, CancellationToken.None);
        var waiting = WaitAsync(line, "large", "third", 1000);
        var others = 0;
        for (; others < 1000 && !waiting.IsCompleted; others++)
        {
            var next = line.TakeAsync($"new{others}", "kind", 10, CancellationToken.None);
            place.Dispose();
            if (await Task.WhenAny(waiting, next) != next) break;
            place = await next;
        }

        Assert.InRange(others, 1, 500);
    }

    [Fact]
    public async Task A_kind_that_has_reached_its_limit_holds_no_other_kind_up()
    {
        var line = new FairLine(places: 2, kind => kind == "document" ? 1 : 2);
        using var document = await line.TakeAsync("papers", "document", 10, CancellationToken.None);
        var waiting = line.TakeAsync("papers", "document", 10, CancellationToken.None);

        using var picture = await line.TakeAsync("pictures", "picture", 10, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        document.Dispose();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Who_stops_waiting_takes_no_place()
    {
        var line = Line();
        var place = await line.TakeAsync("a", "kind", 10, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var impatient = line.TakeAsync("a", "kind", 1, stop.Token);
        var patient = WaitAsync(line, "b", "patient", 10);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        place.Dispose();
        await patient;
    }

    [Fact]
    public async Task Releasing_a_place_twice_frees_one_place()
    {
        var line = Line();
        var place = await line.TakeAsync("a", "kind", 10, CancellationToken.None);
        place.Dispose();
        place.Dispose();
        using var next = await line.TakeAsync("a", "kind", 10, CancellationToken.None);
        Assert.False(line.TakeAsync("a", "kind", 10, CancellationToken.None).IsCompleted);
    }

    private static FairLine Line() => new(places: 1, _ => 1);

    /// <summary>Lets all requests wait behind one that holds the only place, and then serves them.</summary>
    private async Task ServeAsync(FairLine line, params (string Owner, string Name, double Cost)[] requests)
    {
        var first = await line.TakeAsync("someone else", "kind", 1, CancellationToken.None);
        var waiting = requests.Select(r => WaitAsync(line, r.Owner, r.Name, r.Cost)).ToList();
        first.Dispose();
        await Task.WhenAll(waiting);
    }

    private async Task WaitAsync(FairLine line, string owner, string name, double cost)
    {
        using var place = await line.TakeAsync(owner, "kind", cost, CancellationToken.None);
        lock (served) served.Add(name);
    }
}
