using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace MultiModal.LocalHost.Tests;

/// <summary>The functions of <c>scripts/setup.sh</c> by which <c>./run</c> finds or starts its Azurite.</summary>
public sealed partial class SetupScriptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Azurite_takes_free_ports_if_another_program_listens_on_the_port_that_was_asked_for()
    {
        using var stranger = Stranger();
        var port = ((IPEndPoint)stranger.LocalEndpoint).Port;

        var (status, output) = await BashAsync($"""open_azurite {port} "{folder.Path}"; echo "storage $storage"; is_azurite {Ports}""");

        Assert.True(status == 0, output);
        Assert.Contains($"Another program than Azurite listens on port {port}", output, StringComparison.Ordinal);
        Assert.NotEqual(port, BlobPort(output));
    }

    [Fact]
    public async Task Azurite_takes_free_ports_if_another_program_listens_on_the_port_of_its_tables()
    {
        using var stranger = Stranger();
        var port = ((IPEndPoint)stranger.LocalEndpoint).Port;

        var (status, output) = await BashAsync($"""open_azurite {port - 2} "{folder.Path}"; echo "storage $storage"; is_azurite {Ports}""");

        Assert.True(status == 0, output);
        Assert.Contains($"Another program than Azurite listens on port {port}", output, StringComparison.Ordinal);
        Assert.NotEqual(port - 2, BlobPort(output));
    }

    [Fact]
    public async Task An_Azurite_that_answers_already_is_used()
    {
        var (status, output) = await BashAsync(
            $"""
            for port in $(seq 21000 37 30000); do
              if ! is_taken $port && ! is_taken $((port + 1)) && ! is_taken $((port + 2)); then break; fi
            done
            open_azurite $port "{folder.Path}"; echo "storage $storage"; open_azurite $port "{folder["second"]}"; echo "storage $storage"
            """);

        Assert.True(status == 0, output);
        Assert.Contains("Using the Azurite that answers", output, StringComparison.Ordinal);
        Assert.Single(BlobPorts().Matches(output).Select(m => m.Groups["port"].Value).Distinct());
        Assert.False(Directory.Exists(folder["second"]));
    }

    /// <summary>The blob and the table port of the Azurite that was opened, in bash.</summary>
    private const string Ports =
        """$(sed -E 's|.*BlobEndpoint=http://[^:]*:([0-9]+)/.*TableEndpoint=http://[^:]*:([0-9]+)/.*|\1 \2|' <<<"$storage")""";

    private static int BlobPort(string output) =>
        int.Parse(BlobPorts().Match(output).Groups["port"].Value, CultureInfo.InvariantCulture);

    /// <summary>A program that answers every request as a web server does that is not Azurite.</summary>
    private static TcpListener Stranger()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = AnswerAsync(listener);
        return listener;
    }

    private static async Task AnswerAsync(TcpListener listener)
    {
        while (true)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nServer: another\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException or IOException)
            {
                if (e is not IOException) return;
            }
        }
    }

    /// <summary>Sources the script in bash and runs a few lines. The packages of Azurite are there already, as other tests need them too.</summary>
    private static async Task<(int Status, string Output)> BashAsync(string lines)
    {
        var script = $$"""
            set -euo pipefail
            . scripts/setup.sh
            need_azurite() { [ -x node_modules/.bin/azurite ]; }
            trap end_started EXIT
            {{lines}}
            """;
        await using var bash = ChildProcess.Start(new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = Repository.Root });
        var status = await bash.EndAsync();
        return (status, await bash.Output + await bash.Errors);
    }

    [GeneratedRegex(@"storage .*BlobEndpoint=http://127\.0\.0\.1:(?<port>\d+)/")]
    private static partial Regex BlobPorts();
}
