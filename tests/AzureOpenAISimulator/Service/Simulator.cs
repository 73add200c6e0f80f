using System.Collections.Concurrent;
using AzureOpenAISimulator.Billing;
using AzureOpenAISimulator.Caching;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Recording;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Service;

/// <summary>Everything a simulator knows and remembers.</summary>
public sealed class Simulator
{
    private readonly ConcurrentDictionary<string, KnownContent> _known = new();
    private readonly ConcurrentDictionary<string, Deployment> _deployments;
    private readonly SimulatorSettings _settingsAtStart;

    /// <param name="deployments">Names are unique.</param>
    /// <param name="script">What goes wrong from the start.</param>
    /// <param name="authentication">Who may call.</param>
    /// <param name="settings">How the service behaves until it is told otherwise, and again after a reset.</param>
    /// <param name="time">Of timestamps and of injected delays.</param>
    public Simulator(
        IReadOnlyList<Deployment> deployments, Script script, Authentication authentication, SimulatorSettings settings, TimeProvider time)
    {
        Settings = _settingsAtStart = settings;
        Authentication = authentication;
        Time = time;
        Faults.Script = script;
        _deployments = new(deployments.Select(deployment => KeyValuePair.Create(deployment.Name, deployment)));
    }

    public Authentication Authentication { get; }

    public TimeProvider Time { get; }

    /// <summary>Changed as a whole, for calls that come from then on.</summary>
    public SimulatorSettings Settings { get; set; }

    public Bill Bill { get; } = new();

    public CallLog Log { get; } = new();

    public ConcurrencyGauge Gauge { get; } = new();

    public ScriptPlayer Faults { get; } = new();

    public PromptCache Prompts { get; } = new();

    public IReadOnlyList<KnownContent> Known => [.. _known.Values];

    public IReadOnlyList<Deployment> Deployments => [.. _deployments.Values.OrderBy(deployment => deployment.Name, StringComparer.Ordinal)];

    /// <summary>Says what is in particular bytes; replaces what was said before.</summary>
    public void Know(KnownContent content) => _known[content.ContentHash] = content;

    /// <summary>Adds a deployment, or replaces the one of its name.</summary>
    public void Deploy(Deployment deployment) => _deployments[deployment.Name] = deployment;

    public Deployment? Deployment(string name) => _deployments.GetValueOrDefault(name);

    /// <summary>Forgets calls, bill, peaks, script, known content, remembered prompts and changed settings. Deployments stay.</summary>
    public void Reset()
    {
        Log.Clear();
        Bill.Clear();
        Gauge.Clear();
        _known.Clear();
        Prompts.Clear();
        Faults.Script = Script.None;
        Settings = _settingsAtStart;
    }
}
