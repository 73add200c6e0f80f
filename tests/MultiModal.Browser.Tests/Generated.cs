namespace MultiModal.Browser.Tests;

/// <summary>Reports that are made rather than earned, for what no small batch has.</summary>
internal static class Generated
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 9, 0, 0, TimeSpan.Zero);

    /// <summary>The report of a batch of notes and pictures.</summary>
    /// <param name="batch">Name of the batch.</param>
    /// <param name="names">Names of its items.</param>
    /// <param name="text">What the notes and the summary say.</param>
    /// <param name="speedup">Value of <c>timing.speedup</c>.</param>
    public static object Report(string batch, IReadOnlyList<string> names, string text = "A note about the harvest.", double? speedup = null) => new
    {
        schemaVersion = 1,
        batch,
        runSeq = 1,
        inventoryDigest = "d",
        status = "partiallySucceeded",
        startedAt = Start,
        completedAt = Start.AddSeconds(20),
        error = (object?)null,
        notes = Array.Empty<string>(),
        synthesis = new
        {
            title = $"About {batch}",
            summary = text,
            keyPoints = new[] { text },
            topics = new[] { "harvest" },
            actionItems = Array.Empty<string>(),
            language = "en",
            engine = (string?)null,
            note = (string?)null,
        },
        synthesisReason = (object?)null,
        items = names.Select((name, index) => Item(name, index, text)).ToList(),
        ignored = 2,
        cost = new
        {
            spentUsd = 0.0031 * names.Count,
            savedByOptimizingUsd = 0.012,
            savedByCacheUsd = 0.002,
            unpriced = Array.Empty<string>(),
            assumed = Array.Empty<string>(),
            unknownUsd = 0,
            leftOut = 0,
        },
        timing = new { wallClockMs = 20_000, sequentialMs = 21_000, speedup },
    };

    /// <summary>What the API answers about a batch that is in the middle of a run, with items that failed.</summary>
    public static object Running(string batch)
    {
        var items = Enumerable.Range(0, 8).Select(n => new
        {
            index = n,
            name = $"interviews/{n} {new string('n', 40)}.wav",
            kind = n % 2 == 0 ? "audio" : "image",
            status = n < 3 ? "failed" : "running",
            code = n < 3 ? "corrupt-image" : null,
            steps = Array.Empty<object>(),
        }).ToList();
        return new
        {
            batch,
            status = "running",
            hold = (object?)null,
            runSeq = 2,
            lastStatus = "succeeded",
            quietUntil = (string?)null,
            startedAt = DateTimeOffset.UtcNow.AddSeconds(-80),
            finishedAt = Start,
            runsAgain = true,
            cancelRequested = false,
            progress = new
            {
                count = 500,
                done = 210,
                failed = 3,
                from = 0,
                items = Array.Empty<object>(),
                steps = new[]
                {
                    new { step = "optimize-image", done = 260, failed = 3, expected = 400 },
                    new { step = "analyze-image", done = 190, failed = 0, expected = 397 },
                    new { step = "prepare-audio", done = 100, failed = 0, expected = 100 },
                    new { step = "transcribe-audio", done = 20, failed = 0, expected = 310 },
                },
                active = items.Where(i => i.status == "running"),
                failures = items.Where(i => i.status == "failed"),
            },
            runs = Array.Empty<object>(),
            links = new { self = "", report = "" },
        };
    }

    /// <summary>Names of many items.</summary>
    public static List<string> Names(int count) =>
        [.. Enumerable.Range(0, count).Select(n => $"folder {n % 7}/Scan {n:D5}.{(n % 3 == 0 ? "jpg" : "txt")}")];

    private static object Item(string name, int index, string text)
    {
        var isImage = index % 3 == 0;
        var failed = index % 50 == 49;
        return new
        {
            name,
            etag = "e",
            kind = isImage ? "image" : "text",
            bytes = 1000 + index * 37 % 90_000,
            contentHash = (string?)null,
            status = failed ? "failed" : "succeeded",
            duplicateOf = (string?)null,
            error = failed ? new { code = "corrupt-image", message = "The file is broken: it cannot be decoded." } : null,
            detail = (string?)null,
            image = isImage && !failed
                ? new
                {
                    width = 3000,
                    height = 2000,
                    sentWidth = 1024,
                    sentHeight = 683,
                    sentBytes = 81_000,
                    description = $"Picture {index} of a market.",
                    text = "",
                    tags = new[] { "market" },
                    note = (string?)null,
                }
                : null,
            audio = (object?)null,
            text = isImage ? null : $"{text} Number {index}.",
            textNote = (string?)null,
            steps = new[]
            {
                new
                {
                    step = isImage ? "analyze-image" : "read-text",
                    part = (int?)null,
                    status = failed ? "failed" : "succeeded",
                    code = failed ? "corrupt-image" : null,
                    engine = isImage ? "AzureOpenAI/gpt-4o" : null,
                    cache = isImage ? "miss" : "none",
                    attempts = isImage ? 1 : 0,
                    durationMs = 300 + index * 53 % 900,
                    usage = new
                    {
                        inputTokens = isImage ? 900 : 0,
                        cachedInputTokens = 0,
                        outputTokens = isImage ? 120 : 0,
                        audioInputTokens = 0,
                        audioSeconds = 0,
                    },
                    costUsd = isImage ? 0.0031 : 0,
                    startedAt = Start.AddMilliseconds(index % 8 * 40 + index / 8 * 700 % 18_000),
                    waitedMs = index % 5 == 0 ? 60 : 0,
                },
            },
        };
    }
}
