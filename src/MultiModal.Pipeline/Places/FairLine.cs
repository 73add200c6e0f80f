namespace MultiModal.Pipeline.Places;

/// <summary>
/// A line before a number of places. The next place goes to the owner that has been given the least so far, so that owners take turns
/// however much each of them asks for, and to the shortest of that owner's requests. A request that <see cref="Patience"/> later ones of its owner
/// were preferred to is next. A kind of request that has reached its own limit holds no other kind up.
/// </summary>
internal sealed class FairLine
{
    /// <summary>How often an owner's oldest request is passed over by shorter ones.</summary>
    public const int Patience = 16;

    private readonly int places;
    private readonly Func<string, int> limitOf;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Owner> owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private int allTaken;
    private long requests;

    /// <summary>What each owner present would have been given by now if all had been given the same. New owners begin with it.</summary>
    private double fairShare;

    /// <param name="places">Number of places, 1 or more.</param>
    /// <param name="limitOf">Number of places that a kind of request may take at a time, 1 or more.</param>
    public FairLine(int places, Func<string, int> limitOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        ArgumentNullException.ThrowIfNull(limitOf);
        (this.places, this.limitOf) = (places, limitOf);
    }

    /// <summary>Number of requests that have no place yet.</summary>
    public int Waiting
    {
        get
        {
            lock (gate) return owners.Values.Sum(owner => owner.Waiting);
        }
    }

    /// <summary>Waits for a place. Disposing the returned object releases it.</summary>
    /// <param name="owner">Owner of the request; owners take turns.</param>
    /// <param name="kind">Kind of the request, which may have a limit of its own.</param>
    /// <param name="cost">How long the place will be kept, above 0, in a unit that is the same for all requests of a line.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    public async Task<IDisposable> TakeAsync(string owner, string kind, double cost, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cost);
        cancellationToken.ThrowIfCancellationRequested();
        Request request;
        lock (gate)
        {
            if (!owners.TryGetValue(owner, out var asking)) owners.Add(owner, asking = new Owner(owner, fairShare));
            request = new Request(this, asking, kind, cost, requests++);
            asking.Add(request);
            FillPlaces();
        }

        await using (cancellationToken.UnsafeRegister(_ => Withdraw(request, cancellationToken), null)) await request.Turn.Task;
        return request;
    }

    private void FillPlaces()
    {
        while (allTaken < places && Next() is { } request)
        {
            request.Owner.Serve(request, CanTake);
            allTaken++;
            taken[request.Kind] = taken.GetValueOrDefault(request.Kind) + 1;
            fairShare += request.Cost / owners.Count;
            request.Turn.SetResult();
        }
    }

    private Request? Next() => owners.Values
        .Select(owner => owner.Next(CanTake))
        .OfType<Request>()
        .MinBy(request => (request.Owner.Given, request.Number));

    private bool CanTake(string kind) => taken.GetValueOrDefault(kind) < limitOf(kind);

    private void Withdraw(Request request, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!request.Owner.Remove(request)) return;
            Forget(request.Owner);
        }

        request.Turn.SetCanceled(cancellationToken);
    }

    private void Release(Request request)
    {
        lock (gate)
        {
            allTaken--;
            taken[request.Kind]--;
            request.Owner.Left();
            Forget(request.Owner);
            FillPlaces();
        }
    }

    private void Forget(Owner owner)
    {
        if (owner.IsGone) owners.Remove(owner.Name);
    }

    private sealed class Request(FairLine line, Owner owner, string kind, double cost, long number) : IDisposable
    {
        private FairLine? line = line;

        public Owner Owner { get; } = owner;

        public string Kind { get; } = kind;

        public double Cost { get; } = cost;

        /// <summary>Position in the order in which the requests came.</summary>
        public long Number { get; } = number;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => Interlocked.Exchange(ref line, null)?.Release(this);
    }

    /// <param name="name">Name of the owner.</param>
    /// <param name="given">Sum of the costs of what it has been given.</param>
    private sealed class Owner(string name, double given)
    {
        private readonly Dictionary<string, WaitingRequests> kinds = new(StringComparer.Ordinal);
        private int placesTaken;

        /// <summary>How often the oldest request was passed over.</summary>
        private int passedOver;

        public string Name { get; } = name;

        public double Given { get; private set; } = given;

        public int Waiting => kinds.Values.Sum(kind => kind.ByAge.Count);

        public bool IsGone => placesTaken == 0 && Waiting == 0;

        public void Add(Request request)
        {
            if (!kinds.TryGetValue(request.Kind, out var line)) kinds.Add(request.Kind, line = new WaitingRequests());
            line.ByAge.Add(request);
            line.ByCost.Add(request);
        }

        public bool Remove(Request request)
        {
            var line = kinds[request.Kind];
            return line.ByAge.Remove(request) && line.ByCost.Remove(request);
        }

        public Request? Next(Func<string, bool> canTake) =>
            passedOver < Patience ? Served(canTake).Select(w => w.ByCost.Min!).MinBy(r => (r.Cost, r.Number)) : Oldest(canTake);

        public void Serve(Request request, Func<string, bool> canTake)
        {
            passedOver = Oldest(canTake) is { } oldest && oldest.Number < request.Number ? passedOver + 1 : 0;
            Remove(request);
            placesTaken++;
            Given += request.Cost;
        }

        public void Left() => placesTaken--;

        private Request? Oldest(Func<string, bool> canTake) => Served(canTake).Select(w => w.ByAge.Min!).MinBy(r => r.Number);

        /// <summary>The kinds of which a request could get a place now.</summary>
        private IEnumerable<WaitingRequests> Served(Func<string, bool> canTake) =>
            kinds.Where(w => w.Value.ByAge.Count > 0 && canTake(w.Key)).Select(w => w.Value);
    }

    /// <summary>An owner's requests of one kind.</summary>
    private sealed class WaitingRequests
    {
        public SortedSet<Request> ByAge { get; } = new(Comparer<Request>.Create((a, b) => a.Number.CompareTo(b.Number)));

        public SortedSet<Request> ByCost { get; } =
            new(Comparer<Request>.Create((a, b) => (a.Cost, a.Number).CompareTo((b.Cost, b.Number))));
    }
}
