using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Faults;

/// <summary>Plays a script over calls as they come; safe for concurrent use.</summary>
public sealed class ScriptPlayer
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, int> _matches = [];
    private readonly Dictionary<(int Rule, string ContentHash), int> _arrivals = [];
    private Script _script = Script.None;

    /// <summary>Setting it starts all counts anew.</summary>
    public Script Script
    {
        get
        {
            lock (_gate) return _script;
        }
        set
        {
            lock (_gate)
            {
                _script = value;
                _matches.Clear();
                _arrivals.Clear();
            }
        }
    }

    public Fault? Next(ScriptedCall call)
    {
        lock (_gate)
        {
            Fault? first = null;
            for (var index = 0; index < _script.Rules.Count; index++)
            {
                var rule = _script.Rules[index];
                // Every rule counts every call that it could mean, also where an earlier rule has decided.
                if (Matches(rule, index, call)) first ??= rule.Fault;
            }
            return first;
        }
    }

    private bool Matches(ScriptRule rule, int index, ScriptedCall call)
    {
        if (rule.Deployment is { } wanted && wanted != call.Deployment) return false;
        if (rule.Kind is { } wantedKind && wantedKind != call.Kind) return false;
        if (rule.Tier is { } wantedTier && wantedTier != call.Tier) return false;
        if (rule.ContentHash is { } hash && !call.ContentHashes.Contains(hash)) return false;
        if (rule.Contains is { } words && !call.Texts.Any(text => text.Contains(words, StringComparison.Ordinal))) return false;
        var number = _matches[index] = _matches.GetValueOrDefault(index) + 1;
        var content = call.ContentHashes[0];
        var arrival = _arrivals[(index, content)] = _arrivals.GetValueOrDefault((index, content)) + 1;
        return (rule.Nth is not { } nth || number == nth)
            && (rule.First is not { } count || number <= count)
            && (rule.From is not { } from || number >= from)
            && (rule.To is not { } to || number <= to)
            && (rule.Every is not { } every || number % every == 0)
            && (rule.Probability is not { } probability || Draw(index, content, arrival) < probability);
    }

    private double Draw(int rule, string content, int arrival)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{_script.Seed}|{rule}|{content}|{arrival}");
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))) / (uint.MaxValue + 1.0);
    }
}

/// <summary>A call as rules look at it.</summary>
/// <param name="ContentHashes">Its own content's first, then those of all its media.</param>
/// <param name="Texts">All that it says in words.</param>
public sealed record ScriptedCall(
    CallKind Kind, string Deployment, ServiceTier Tier, IReadOnlyList<string> ContentHashes, IReadOnlyList<string> Texts);
