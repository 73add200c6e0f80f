using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>
/// Debian's Chromium (package <c>chromium</c>), driven by Playwright, against a local host with the simulator of the paid models. All tests share one
/// browser and one host, and each has a context of its own.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "chromium";

    /// <summary>Milliseconds after which what is waited for never comes.</summary>
    private const float Patience = 60_000;

    private readonly AzuriteFixture azurite = new();
    private IPlaywright? playwright;
    private IBrowser? browser;
    private DashboardHost? host;

    private readonly Lazy<Task<Tour>> tour;
    private readonly Lazy<Task<Town>> town;

    public Chromium()
    {
        tour = new Lazy<Task<Tour>>(() => Tour.PrepareAsync(Host, "Harbour market"));
        town = new Lazy<Task<Town>>(() => Town.StartAsync(NewAccount()));
    }

    internal DashboardHost Host => host ?? throw new InvalidOperationException("The host runs only where Chromium is installed.");

    public static bool IsInstalled => Tool.IsInstalled(Program);

    public async Task InitializeAsync()
    {
        if (!IsInstalled) return;
        Assertions.SetDefaultExpectTimeout(Patience);
        playwright = await Playwright.CreateAsync();
        var starting = playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Tool.PathOf(Program),
            Args = ["--no-sandbox", "--disable-gpu", "--mute-audio"],
        });
        await azurite.InitializeAsync();
        host = await DashboardHost.StartAsync(azurite.NewConnectionString(), await SimulatedModels.StartAsync());
        browser = await starting;
    }

    public async Task DisposeAsync()
    {
        if (!IsInstalled) return;
        await browser!.DisposeAsync();
        playwright!.Dispose();
        await host!.DisposeAsync();
        if (town.IsValueCreated) await (await town.Value).DisposeAsync();
        await azurite.DisposeAsync();
    }

    /// <summary>Connection string of an account that no other host has.</summary>
    public string NewAccount() => azurite.NewConnectionString();

    /// <summary>The walk through all that the dashboard shows; its batch is run once.</summary>
    internal Task<Tour> TourAsync() => tour.Value;

    /// <summary>A host with a key and with offline engines, which has run the sample batch.</summary>
    internal Task<Town> TownAsync() => town.Value;

    /// <summary>A page of a context of its own.</summary>
    /// <param name="options">The window; a desktop without them.</param>
    public async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        Skip.IfNot(IsInstalled, "Chromium is not installed: install the package chromium.");
        var context = await browser!.NewContextAsync(Defaults(options ?? new BrowserNewContextOptions()));
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    private static BrowserNewContextOptions Defaults(BrowserNewContextOptions options)
    {
        options.ViewportSize ??= new ViewportSize { Width = 1280, Height = 900 };
        options.Locale ??= "en-GB";
        options.ReducedMotion ??= ReducedMotion.Reduce;
        return options;
    }
}

/// <summary>The tests of this project share one browser.</summary>
[CollectionDefinition(Name)]
public sealed class SharedChromium : ICollectionFixture<Chromium>
{
    public const string Name = "Chromium";
}
