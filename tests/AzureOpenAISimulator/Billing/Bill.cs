namespace AzureOpenAISimulator.Billing;

/// <summary>What a provider would charge; safe for concurrent use. Refused and failed calls are not on it, lost answers are.</summary>
public sealed class Bill
{
    private readonly Lock _gate = new();
    private readonly List<BillLine> _lines = [];

    /// <summary>In the order in which the models answered; a copy.</summary>
    public IReadOnlyList<BillLine> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>Of all lines whose price is known; not rounded.</summary>
    public decimal Usd => Lines.Sum(line => line.Usd ?? 0);

    public int TimesPaid(string contentHash) => Lines.Count(line => line.ContentHash == contentHash);

    /// <summary>Content paid for more than once by the same deployment, most often first.</summary>
    public IReadOnlyList<PaidTwice> PaidTwice() =>
    [
        .. Lines.GroupBy(line => (line.Kind, line.Deployment, line.ContentHash))
            .Where(group => group.Count() > 1)
            .Select(
                group =>
                    new PaidTwice(group.Key.Kind, group.Key.Deployment, group.Key.ContentHash, group.Count(), group.Count(line => line.Delivered)))
            .OrderByDescending(twice => twice.Times),
    ];

    internal void Add(BillLine line)
    {
        lock (_gate) _lines.Add(line);
    }

    internal void MarkDelivered(int call, bool delivered)
    {
        lock (_gate)
        {
            var index = _lines.FindIndex(line => line.Call == call);
            if (index >= 0) _lines[index] = _lines[index] with { Delivered = delivered };
        }
    }

    internal void Clear()
    {
        lock (_gate) _lines.Clear();
    }
}
